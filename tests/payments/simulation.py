"""Many people pay many fines while everything fails at random; then the world heals, and all books must agree."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Sum
from django.db.models.functions import Now

from notifications.models import Record
from payments.ask_payments import ask_payments
from payments.bills import open_bills
from payments.carry_out_refund import carry_out_refunds
from payments.follow_records import follow_records
from payments.models import AgencyPosting, Bill, LedgerEntry, Payment, Refund
from payments.object_to_bill import raise_objection
from payments.post_to_agency import post_to_agencies
from payments.refusals import Refused
from payments.request_refund import approve_refund, request_refund
from payments.states import LIVE, TAKEN
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.payments.bank import Killed
from tests.payments.cast import begin, confirm, let_time_pass, make_fine

CITIZENS = 20
PROVIDERS = ("toss_payments", "kakaopay", "naverpay")
CONFIRM_FAULTS = ("down", "lost", "taken_lost", "killed_before", "killed_after", "declined", "wrong_amount")
HEALING_ROUNDS = 12


@dataclass
class World:
    """The far side, the people, and a die with a fixed seed."""

    far: Any
    seed: int
    dice: random.Random = field(init=False)
    began: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.far.at(MORNING)
        self.clerks = [User.objects.create(username=name) for name in ("clerk", "chief")]

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    # ── before ──
    def populate(self, fines: int) -> list[Bill]:
        fine = make_fine()
        people = [enrol(number, fine, channels=["sms"]) for number in range(1, CITIZENS + 1)]
        amounts = (20000, 40000, 60000, 70000, 130000)
        rows = [record(1 + n % CITIZENS, fields={"amount": amounts[n % len(amounts)]}) for n in range(fines)]
        for start in range(0, fines, 5000):
            ingest(*rows[start : start + 5000])
        for person in people:
            open_bills(citizen=person, now=MORNING)
        return list(Bill.objects.select_related("citizen", "record").order_by("pk"))

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
            bank.take_behind_our_back(payment.order_id)  # the provider does what it must not
        if self.chance(0.03):
            self.far.desk.faults["ask"].append("down")
        if self.chance(0.2):
            bank.faults["confirm"].append(self.dice.choice(CONFIRM_FAULTS))
        extra = {"code": "USER_CANCEL"} if self.chance(0.04) else {}
        try:
            confirm(citizen, payment, bank, **extra)
        finally:
            bank.faults["confirm"].clear()
            self.far.desk.faults["ask"].clear()
        if self.chance(0.05):
            confirm(citizen, payment, bank)  # the page is loaded again

    # ── workers ──
    def work(self, *, healing: bool) -> None:
        if not healing:
            for bank in self.far.banks.values():
                bank.faults["ask"].extend(["silent"] * self.dice.randrange(4))
                bank.faults["refund"].extend(self.dice.choices(["", "lost", "done_lost", "refused"], k=2))
            self.far.desk.faults["tell"].extend(self.dice.choices(["", "down", "told_lost"], k=20))
        let_time_pass(dropped=healing)
        AgencyPosting.objects.filter(state="waiting").update(next_at=Now())
        Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now())
        follow_records(now=MORNING)
        ask_payments(now=MORNING)
        self._decide_refunds()
        while carry_out_refunds(now=MORNING) == 20:
            continue
        post_to_agencies(now=MORNING)

    def _decide_refunds(self) -> None:
        clerk, chief = self.clerks
        for payment in Payment.objects.filter(state="surplus").exclude(
            refunds__state__in=("requested", "approved", "sending", "unknown", "done")
        ):
            amount = payment.settlement.amount
            request_refund(payment_id=payment.pk, amount=amount, requested_by=clerk, reason="again", now=MORNING)
        for refund in Refund.objects.filter(state="requested"):
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

    def tell_late_surprises(self) -> None:
        """Callbacks about all that was taken and is not settled yet, and about some that is."""
        for bank in self.far.banks.values():
            taken = Payment.objects.filter(order_id__in=bank.taken())
            taken.filter(settlement=None).update(ask_at=Now(), asked=0)
            some = self.dice.sample(bank.taken(), len(bank.taken()) // 20)
            taken.filter(order_id__in=some).update(ask_at=Now(), asked=0)

    def heal(self) -> None:
        for bank in self.far.banks.values():
            bank.faults.clear()
        self.far.desk.faults.clear()
        self.tell_late_surprises()
        for _ in range(HEALING_ROUNDS):
            self.work(healing=True)

    # ── after ──
    def booked(self, account: str) -> int:
        return LedgerEntry.objects.filter(account=account).aggregate(won=Sum("amount"))["won"] or 0

    def check(self) -> None:
        """To the won: each provider's own ledger, ours, the agency's list; and no debt paid twice."""
        for name, bank in self.far.banks.items():
            assert self.booked(f"provider:{name}") == bank.total(), name
        assert -self.booked("agency:knpa") == self.far.desk.total()
        assert self.booked("surplus") == 0
        assert (LedgerEntry.objects.aggregate(won=Sum("amount"))["won"] or 0) == 0
        assert not Payment.objects.filter(state__in=LIVE).exists()
        assert not AgencyPosting.objects.exclude(state="acknowledged").exists()
        for bill in Bill.objects.prefetch_related("payments__settlement"):
            settled = [item for item in bill.payments.all() if item.state in TAKEN and not item.settlement.surplus]
            assert len([item for item in settled if item.state != "refunded"]) <= 1
            assert (bill.state in ("paid", "part_refunded", "refunded")) == bool(settled)
        taken = {order for bank in self.far.banks.values() for order in bank.taken()}
        assert taken == set(Payment.objects.filter(settlement__isnull=False).values_list("order_id", flat=True))


def simulate(far: Any, *, fines: int, seed: int) -> World:
    world = World(far, seed)
    for number, bill in enumerate(world.populate(fines)):
        world.live_through(bill)
        if number % 250 == 249:
            world.work(healing=False)
    world.change_their_minds()
    world.work(healing=False)
    world.heal()
    world.check()
    return world
