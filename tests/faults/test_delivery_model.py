"""The whole life of notices as a state machine: the guarantees hold after any events in any order."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from inspect import signature
from itertools import count, pairwise
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from notifications.channels.contract import Receipt
from notifications.delivery.claim import Claim, claim
from notifications.delivery.deliver import deliver_claim
from notifications.delivery.gateways import delivery_number, reference
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Delivery, DeliveryBlock, HandedOver, Notice, QueueEntry
from notifications.models.delivery import BITS
from notifications.operations.resend import close, resend
from notifications.operations.sweep import recover_leases, settle_blocks, settle_handed_over
from notifications.receipts.receipts import apply_receipts, take_receipts
from notifications.states import DELIVERY_MOVES, NOTICE_MOVES, REVIEW
from subscriptions.models import Consent, Contact
from tests.faults.rig.honest_gateway import DAYS, ENDS, HonestGateway, WorkerDied
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.present import present

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
PEOPLE = 2
LIVE = ("sending", "sent", "unknown")
EVENTS = (
    *("a_worker_claims", "a_worker_sends", "a_worker_does_its_work", "a_worker_dies_before_it_sends"),
    *("slow_workers_go_on", "leases_end", "leases_end", "gateways_are_polled", "a_slow_request_arrives"),
    *("a_receipt_comes", "a_receipt_comes", "a_consent_is_withdrawn", "a_person_reviews"),
)
gateway: HonestGateway  # of the machine that runs now


class Life(RuleBasedStateMachine):
    """Two people with one notice each, any number of workers, one gateway for both channels.

    What the database holds before is made once; each life is undone to there.
    """

    def __init__(self) -> None:
        super().__init__()
        global gateway
        gateway = HonestGateway(self._accepted)
        self._rollback = transaction.atomic()
        self._rollback.__enter__()
        self.now, self.events = MORNING, count()
        self.claims, self.slow = list[Claim](), list[Claim]()
        self.final: dict[tuple[str, int], str] = {}
        self.broken: list[str] = []
        self.withdrawn_with: dict[Any, int] = {}
        self.reviewed: dict[int, int] = {}  # notice → fence: a person answers for one more message after it

    # ── What may happen ──────────────────────────────────────────────────────────────────────────────────────
    # One rule for all of it: with many, Hypothesis leaves some out of each example, and the bad luck that a second
    # message takes needs five different events.
    @rule(
        what=st.sampled_from(EVENTS),
        which=st.integers(0, 5),
        day=st.sampled_from(DAYS),
        fate=st.sampled_from(sorted(ENDS)),
        yes=st.booleans(),
    )
    def something_happens(self, what: str, which: int, day: str, fate: str, yes: bool) -> None:
        values = {"which": which, "day": day, "fate": fate, "yes": yes}
        event = getattr(self, what)
        event(**{name: values[name] for name in signature(event).parameters})

    def a_worker_claims(self, which: int) -> None:
        self.now += timedelta(hours=1)
        taken = claim(now=self.now, batch=1 + which % PEOPLE)
        self.claims += [taken] if taken.attempts else []

    def a_worker_does_its_work(self, day: str, fate: str) -> None:
        self.a_worker_claims(PEOPLE - 1)
        self.a_worker_sends(-1, day, fate)

    def a_worker_sends(self, which: int, day: str, fate: str) -> None:
        if not self.claims:
            return
        gateway.day, gateway.fate = day, fate
        with suppress(WorkerDied):
            deliver_claim(claimed=self.claims.pop(which % len(self.claims)), now=self.now)

    def slow_workers_go_on(self) -> None:
        """Their leases are over, as they know by their own clock; their notices may be with others."""
        gateway.day, gateway.fate = "accept", "arrives"
        while self.slow:
            deliver_claim(claimed=self.slow.pop(), now=self.now)

    def a_worker_dies_before_it_sends(self, which: int) -> None:
        if self.claims:
            self.claims.pop(which % len(self.claims))

    def leases_end(self, yes: bool) -> None:
        """`yes`: the sweeper has written before what gateways took; else they took it late, just before the end."""
        if yes:
            HandedOver.objects.update(answered_at=F("answered_at") - timedelta(minutes=1))
        Delivery.objects.filter(state="sending").update(ask_at=Now() - timedelta(seconds=1))
        settle_handed_over(now=self.now)
        recover_leases(now=self.now)
        settle_blocks(now=self.now)
        self.slow += [replace(taken, began=taken.began - 1000) for taken in self.claims]
        self.claims.clear()
        if yes:
            self.gateways_are_polled(yes=True)

    def gateways_are_polled(self, yes: bool) -> None:
        gateway.settled = yes and not gateway.on_the_way
        Delivery.objects.update(started_at=F("started_at") - timedelta(minutes=2))
        Delivery.objects.update(answered_at=F("answered_at") - timedelta(minutes=6))
        Contact.objects.update(changed_at=Now() - timedelta(days=1))
        Delivery.objects.filter(ask_at__isnull=False).update(ask_at=Now() - timedelta(seconds=1))
        poll_gateways(now=self.now)

    def a_slow_request_arrives(self) -> None:
        gateway.let_arrive()

    def a_person_reviews(self, which: int, yes: bool) -> None:
        notice = Notice.objects.order_by("pk")[which % PEOPLE]
        if notice.state == REVIEW:
            act = resend if yes else close
            act(notice_id=notice.pk, actor="staff:1", reason="model", now=self.now)
            self.reviewed[notice.pk] = notice.fence

    def a_receipt_comes(self, which: int, yes: bool) -> None:
        """Early, late, again, and the old news ("accepted") after the new."""
        if not gateway.messages:
            return
        taken = sorted(gateway.messages.values(), key=lambda each: each.reference)[which % len(gateway.messages)]
        verdict = taken.verdict
        taken.revealed |= yes
        for reported in (taken.verdict, verdict):
            events = [Receipt(f"e{next(self.events)}", taken.reference, "", reported, "") for _ in range(1 + which % 3)]
            take_receipts(gateway="nhn", receipts=[*events, *events], now=self.now)
        apply_receipts(now=self.now)

    def a_consent_is_withdrawn(self) -> None:
        notice = Notice.objects.order_by("pk")[0]
        Consent.objects.filter(citizen=notice.citizen_id).update(withdrawn_at=self.now)
        self.withdrawn_with.setdefault(notice.pk, notice.deliveries.count())

    # ── What must always be so ───────────────────────────────────────────────────────────────────────────────
    def _accepted(self, name: str) -> None:
        """A gateway takes a message: every earlier one of that notice must have failed for certain."""
        delivery = Delivery.objects.get(pk=present(delivery_number(name)))
        since = self.reviewed.get(delivery.notice_id, 0)
        if delivery.fence <= since:
            return
        others = Delivery.objects.filter(notice=delivery.notice_id, fence__gt=since)
        earlier = [reference(pk) for pk in others.values_list("pk", flat=True)]
        self.broken += [each for each in earlier if each in gateway.messages and gateway.messages[each].fate != "fails"]
        self.broken += [each for each in earlier if each in gateway.messages and not gateway.messages[each].revealed]

    @invariant()
    def no_second_message_while_the_first_may_arrive(self) -> None:
        assert self.broken == []

    @invariant()
    def the_rows_are_as_they_must_be(self) -> None:
        """Read once for all checks: this runs after every event."""
        notices = list(Notice.objects.order_by("pk"))
        deliveries = list(Delivery.objects.order_by("notice_id", "fence"))
        self._final_states_never_change(notices, deliveries)
        self._only_ready_notices_are_queued(notices)
        self._the_sweeper_finds_what_is_to_be_looked_after(deliveries)
        for notice in notices:
            own = [each for each in deliveries if each.notice_id == notice.pk]
            self._one_live_delivery_and_the_next_channel_only_after_a_failure(notice, own)
            self._nothing_begins_after_a_withdrawal(notice, own)

    def _final_states_never_change(self, notices: list[Notice], deliveries: list[Delivery]) -> None:
        for kind, rows, moves in (("n", notices, NOTICE_MOVES), ("d", deliveries, DELIVERY_MOVES)):
            for row in rows:
                assert self.final.get((kind, row.pk), row.state) == row.state
                if not moves[row.state]:
                    self.final[kind, row.pk] = row.state

    def _only_ready_notices_are_queued(self, notices: list[Notice]) -> None:
        ready = {(each.pk, each.urgent, each.not_before, each.crashes) for each in notices if each.state == "ready"}
        assert set(QueueEntry.objects.values_list("notice_id", "urgent", "not_before", "crashes")) == ready

    def _the_sweeper_finds_what_is_to_be_looked_after(self, deliveries: list[Delivery]) -> None:
        first: dict[int, datetime] = {}
        for block, at in DeliveryBlock.objects.values_list("block", "due_at"):
            first[block] = min(at, first.get(block, at))
        waiting = [each for each in deliveries if each.ask_at]
        assert all(each.pk >> BITS in first and first[each.pk >> BITS] <= present(each.ask_at) for each in waiting)

    def _one_live_delivery_and_the_next_channel_only_after_a_failure(self, notice: Notice, own: list[Delivery]) -> None:
        since = self.reviewed.get(notice.pk, 0)
        deliveries = [each for each in own if each.fence > since]
        assert sum(each.state in LIVE for each in deliveries) <= 1
        for before, after in pairwise(deliveries):
            assert before.state in ("failed", "returned")
            assert before.channel == after.channel or before.channel in notice.tried

    def _nothing_begins_after_a_withdrawal(self, notice: Notice, own: list[Delivery]) -> None:
        assert len(own) == self.withdrawn_with.get(notice.pk, len(own))

    def _live(self) -> bool:
        moving = [state for state, following in NOTICE_MOVES.items() if following and state != REVIEW]
        return Notice.objects.filter(state__in=moving).exists()

    def teardown(self) -> None:
        """Now everything works again: all that is left comes to its end, none is lost."""
        try:
            self.claims.clear()
            self.slow.clear()
            gateway.let_arrive()
            for taken in gateway.messages.values():
                taken.revealed = True
            for _ in range(10):
                if not self._live():
                    break
                self.leases_end(yes=True)
                self.a_worker_claims(PEOPLE - 1)
                self.a_worker_sends(0, "accept", "arrives")
                for taken in gateway.messages.values():
                    taken.revealed = True
            assert not self._live()
            self.no_second_message_while_the_first_may_arrive()
            self.the_rows_are_as_they_must_be()
        finally:
            transaction.set_rollback(True)
            self._rollback.__exit__(None, None, None)


@pytest.fixture
def people() -> None:
    """Two of them, each with a notice that may go out at any hour."""
    fine = make_data_type()
    for person in range(PEOPLE):
        enrol(person, fine, channels=["kakaotalk", "sms"])
    ingest(*(record(person) for person in range(PEOPLE)))
    match_everything(now=MORNING)
    Notice.objects.update(urgent=True, expires_at=MORNING + timedelta(days=300))


@pytest.mark.parametrize("histories", [20, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("together", [1, 64], ids=["noted in one row", "written at once"])
def test_the_guarantees_hold_in_every_order_of_events(
    people: None, monkeypatch: pytest.MonkeyPatch, settings: Any, together: int, histories: int
) -> None:
    """`together`: messages of a claim from which on what was handed over is noted in one row (docs/adr/0071)."""
    settings.MAX_CRASHES = 2
    monkeypatch.setattr("notifications.delivery.deliver.TOGETHER", together)
    for name in ("deliver.channel", "poll_gateways.provider"):
        monkeypatch.setattr(f"notifications.delivery.{name}", lambda _: gateway)
    run_state_machine_as_test(
        Life,
        settings=limits(
            max_examples=histories,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # shrinking would take minutes of database
            suppress_health_check=list(HealthCheck),
        ),
    )
