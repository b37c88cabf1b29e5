"""Many people pay many fines while everything fails at random; then the world heals, and all books must agree.

Of two agencies; several records of one case, which come in in any order; corrected: other people, other cases; sent
anew as open. Providers refund on their own, in whole and in part, before and after we have settled it. And
our own books break at random behind a capture.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from notifications.models import Record
from payments.bills.bills import open_bills
from payments.bills.follow_records import follow_records
from payments.bills.object_to_bill import raise_objection
from payments.checkout import take_outcome
from payments.checkout.poll_payments import poll_because_of_event, poll_payments
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, Bill, Payment, Refund, Settlement
from payments.reconciliation.reconcile import reconcile
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from payments.states import REFUND_LIVE, SETTLED
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_feed, record
from tests.payments.bank import Bank, Killed
from tests.payments.books import check_books
from tests.payments.cast import begin, confirm, let_time_pass, make_fine

CITIZENS = 20
PROVIDERS = ("toss_payments", "kakaopay", "naverpay")
CONFIRM_FAULTS = ("down", "lost", "taken_lost", "killed_before", "killed_after", "declined", "wrong_amount")
HEALING_ROUNDS = 12
AGENCIES = {"knpa": "traffic_fine", "seoul": "seoul_fine"}
AMOUNTS = (20000, 40000, 60000, 70000, 130000)
LATE = 0.2  # of the records come in while others are being paid


@dataclass
class World:
    """The far side, the people, and a die with a fixed seed."""

    far: Any
    seed: int
    dice: random.Random = field(init=False)
    began: int = 0
    broken: int = 0
    behind: int = 0  # times that money was refunded behind our back
    people: list[Citizen] = field(default_factory=list)
    feeds: dict[str, Any] = field(default_factory=dict)
    late: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.far.at(MORNING)
        self.clerks = [User.objects.create(username=name) for name in ("clerk", "chief")]

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    # ── before ──
    def populate(self, fines: int) -> list[Bill]:
        types = [make_fine(code, agency) for agency, code in AGENCIES.items()]
        self.people = [enrol(number, *types, channels=["sms"]) for number in range(1, CITIZENS + 1)]
        self.feeds = {agency: make_feed(f"{agency}-push", agency=agency) for agency in AGENCIES}
        rows = [self._row(number) for number in range(fines)]
        self.dice.shuffle(rows)
        self.late = rows[: int(fines * LATE)]
        self._send(rows[len(self.late) :])
        for person in self.people:
            open_bills(citizen=person, now=MORNING)
        return list(Bill.objects.select_related("citizen", "record").order_by("pk"))

    def _row(self, number: int) -> dict[str, Any]:
        """A third of the cases has two or three records, some of them about two people: owner and driver."""
        fields: dict[str, Any] = {"amount": AMOUNTS[number % len(AMOUNTS)]}
        if self.chance(0.3):
            fields["case_number"] = f"C-{number // 6}"
        person = 1 + (number // 3 if self.chance(0.5) else number) % CITIZENS
        return record(person, data_type=self.dice.choice(list(AGENCIES.values())), fields=fields)

    def _send(self, rows: list[dict[str, Any]]) -> None:
        for agency, code in AGENCIES.items():
            theirs = [row for row in rows if row["data_type"] == code]
            self.sent |= {row["external_id"]: row for row in theirs}
            for start in range(0, len(theirs), 5000):
                ingest(*theirs[start : start + 5000], feed=self.feeds[agency])

    # ── the agencies' news ──
    def hear_news(self) -> list[Bill]:
        """Records that come in late, and corrections of those there are; the bills that are new."""
        before = set(Bill.objects.values_list("pk", flat=True))
        count = max(1, len(self.sent) // 40)
        new, self.late = self.late[: 4 * count], self.late[4 * count :]
        self._send(new)
        self._send([self._corrected(row) for row in self.dice.sample(sorted(self.sent.values(), key=_number), count)])
        if self.chance(0.5):
            follow_records(now=MORNING)
        for person in self.people:
            open_bills(citizen=person, now=MORNING)
        return list(Bill.objects.exclude(pk__in=before).select_related("citizen", "record").order_by("pk"))

    def _corrected(self, row: dict[str, Any]) -> dict[str, Any]:
        """Another person, another case, none any more, or the same once more: the agency holds it open."""
        changed = {**row, "version": row["version"] + 1, "fields": dict(row["fields"])}
        what = self.dice.choice(("person", "case", "no case", "nothing"))
        if what == "person":
            changed["subject"] = {"ci": ci_of(self.dice.randrange(1, CITIZENS + 1))}
        elif what == "case":
            changed["fields"]["case_number"] = f"C-{self.dice.randrange(1 + len(self.sent) // 6)}"
        elif what == "no case":
            changed["fields"].pop("case_number", None)
        return changed

    @contextmanager
    def breaking_books(self) -> Iterator[None]:
        """Behind a capture the row of the record, the outbox or the ledger cannot be written, now and then."""

        def fragile(real: Callable[..., Any], of: float) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                if self.chance(of):
                    self.broken += 1
                    raise IntegrityError("made up")
                return real(*args, **kwargs)

            return call

        rates = {
            "mark_record_paid": 0.02,
            "_report_to_agency": 0.02,
            "book_captured": 0.01,
            "request_surplus_refund": 0.02,
        }
        with patch.multiple(
            take_outcome, **{name: fragile(getattr(take_outcome, name), of) for name, of in rates.items()}
        ):  # type: ignore[call-overload]
            yield

    # ── one person's day ──
    def live_through(self, bill: Bill) -> None:
        """Begin, perhaps leave, switch, come back on one or two devices, and begin anew after a refusal."""
        for _ in range(self.dice.choice((1, 1, 1, 1, 2))):
            with suppress(Refused, Killed):
                self._try_to_pay(bill.citizen, bill)
        if self.chance(0.01):
            with suppress(Refused):
                raise_objection(citizen=bill.citizen, bill_id=bill.pk, now=MORNING)
        if self.chance(0.01):
            state = self.dice.choice(("paid", "withdrawn"))
            Record.objects.filter(pk=bill.record_id, state="open").update(state=state)

    def _try_to_pay(self, citizen: Citizen, bill: Bill) -> None:
        name = self.dice.choice(PROVIDERS)
        bank = self.far.banks[name]
        if self.chance(0.03):
            bank.faults["begin"].append(self.dice.choice(("refused", "down")))
        self.began += 1
        payment = begin(citizen, bill, provider=name)
        if self.chance(0.05):
            return  # never comes back
        if self.chance(0.02):
            bank.capture_unseen(payment.order_id)  # the provider does what it must not
        if self.chance(0.03):
            self.dice.choice(list(self.far.billers.values())).faults["poll"].append("down")
        if self.chance(0.2):
            bank.faults["confirm"].append(self.dice.choice(CONFIRM_FAULTS))
        extra = {"code": "USER_CANCEL"} if self.chance(0.04) else {}
        try:
            confirm(citizen, payment, bank, **extra)  # type: ignore[arg-type]
        finally:
            bank.faults["confirm"].clear()
            self._refund_at_the_console(bank, payment)
            for biller in self.far.billers.values():
                biller.faults["poll"].clear()
        if self.chance(0.05):
            confirm(citizen, payment, bank)  # the page is loaded again

    def _refund_at_the_console(self, bank: Bank, payment: Payment, *, surely: bool = False) -> None:
        """A net cancel after an answer that was lost, mostly; or a refund at the console. Half of it with an event."""
        account = bank.accounts[payment.order_id]
        unheard = not Settlement.objects.filter(payment=payment.pk).exists()
        if not account.captured or not (surely or self.chance(0.5 if unheard else 0.02)):
            return
        left = account.captured - account.refunded
        self.behind += bool(bank.refund_at_the_console(payment.order_id, self.dice.choice((left, left // 2, 1000))))
        if self.chance(0.5):
            poll_because_of_event(payment_id=payment.pk)

    def stand_at_the_console(self) -> None:
        """Of all that was ever captured, settled here or not, one surely and a few more are refunded there."""
        bank = self.dice.choice(list(self.far.banks.values()))
        for payment in Payment.objects.filter(
            order_id__in=self.dice.sample(bank.captured(), min(1, len(bank.captured())))
        ):
            self._refund_at_the_console(bank, payment, surely=True)
        for bank in self.far.banks.values():
            orders = self.dice.sample(bank.captured(), len(bank.captured()) // 100)
            for payment in Payment.objects.filter(order_id__in=orders).order_by("pk"):
                self._refund_at_the_console(bank, payment)

    # ── workers ──
    def work(self, *, healing: bool) -> None:
        if not healing:
            for bank in self.far.banks.values():
                bank.faults["poll"].extend(["silent"] * self.dice.randrange(4))
                bank.faults["refund"].extend(self.dice.choices(["", "lost", "done_lost", "refused"], k=2))
            for biller in self.far.billers.values():
                biller.faults["report"].extend(self.dice.choices(["", "down", "told_lost"], k=20))
            self.stand_at_the_console()
        let_time_pass(dropped=healing)
        AgencyPosting.objects.filter(state="waiting").update(next_at=Now())
        Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now())
        Bill.objects.filter(follow_at__isnull=False).update(follow_at=Now())
        while follow_records(now=MORNING) == 500:
            continue
        poll_payments(now=MORNING)
        self._decide_refunds()
        while carry_out_refunds(now=MORNING) == 20:
            continue
        post_to_agencies(now=MORNING)

    def _decide_refunds(self) -> None:
        """What a provider has refused is requested anew, as its alarm demands; everything is approved."""
        clerk, chief = self.clerks
        ours = Refund.objects.filter(payment=OuterRef("pk"), outside=False).order_by("-pk")
        captured = Payment.objects.filter(state__in=("surplus", *SETTLED), refunds__requested_by=None)
        refused = captured.annotate(newest=Subquery(ours.values("state")[:1])).filter(newest="refused")
        for payment in refused.exclude(refunds__state__in=REFUND_LIVE).distinct().order_by("pk"):
            amount = payment.remainder()
            request_refund(payment_id=payment.pk, amount=amount, requested_by=clerk, reason="again", now=MORNING)
        for refund in Refund.objects.filter(state="requested").order_by("pk"):
            approve_refund(refund_id=refund.pk, approved_by=chief, reason="seen", now=MORNING)

    def change_their_minds(self) -> None:
        """Some paid fines are refunded, in whole or in part."""
        paid = list(Payment.objects.filter(state="paid").select_related("settlement").order_by("pk"))
        for payment in self.dice.sample(paid, len(paid) // 50):
            amount = self.dice.choice((payment.settlement.amount, payment.settlement.amount // 2))
            with suppress(ValueError):
                request_refund(
                    payment_id=payment.pk, amount=amount, requested_by=self.clerks[0], reason="mercy", now=MORNING
                )

    def report_late_surprises(self) -> None:
        """Callbacks about all that was captured and is not settled yet, and about some that is."""
        for bank in self.far.banks.values():
            captured = Payment.objects.filter(order_id__in=bank.captured())
            captured.filter(settlement=None).update(ask_at=Now(), asked=0)
            some = self.dice.sample(bank.captured(), len(bank.captured()) // 20)
            captured.filter(order_id__in=some).update(ask_at=Now(), asked=0)

    def heal(self) -> None:
        for bank in self.far.banks.values():
            bank.faults.clear()
        for biller in self.far.billers.values():
            biller.faults.clear()
        self.report_late_surprises()
        self.work(healing=True)
        reconcile(day=kst_date(MORNING), now=MORNING)  # which finds what no event has reported
        for _ in range(HEALING_ROUNDS):
            self.work(healing=True)


def _number(row: dict[str, Any]) -> str:
    return str(row["external_id"])


def simulate(far: Any, *, fines: int, seed: int) -> World:
    world = World(far, seed)
    waiting = world.populate(fines)
    every = min(250, max(10, fines // 5))
    with world.breaking_books():
        for number, bill in enumerate(waiting, 1):
            world.live_through(bill)
            if number % every == 0:
                world.work(healing=False)
                waiting.extend(world.hear_news())
        world.change_their_minds()
        world.work(healing=False)
    world.heal()
    check_books(world.far)
    return world
