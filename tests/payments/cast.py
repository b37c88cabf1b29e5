"""The cast of the payment tests: a fine of Alice's, and the ways in that the pages use."""

from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from notifications.models import Record
from payments.adapters import ReturnUrls
from payments.bills.bills import open_bills
from payments.checkout.pay_bill import begin_payment, confirm_payment
from payments.models import Bill, Payment
from subscriptions.models import Citizen, DataType, DataTypeVersion
from subscriptions.specs import FieldSpec, Words
from tests.notifications.cast import FIELDS, MORNING, enrol, ingest, make_data_type, record
from tests.payments.bank import Bank
from tests.support.present import present

EXTRA = (
    FieldSpec("reduced_amount", "won", "감경금액", Words("감경금액", "Reduced"), required=False),
    FieldSpec(
        "reduction_ends_on", "date", "감경기한", Words("감경기한", "Reduction ends"), required=False, date_slot=3
    ),
    FieldSpec("case_number", "text", "사건번호", Words("사건번호", "Case"), required=False),
)


def make_fine(code: str = "traffic_fine", agency: str = "knpa") -> DataType:
    """The small data type of the notification tests, payable by the tariff of the traffic fine."""
    fine = make_data_type(code, agency)
    fields = [field.to_json() for field in (*FIELDS, *EXTRA)]
    DataTypeVersion.objects.filter(pk=present(fine.live_version_id)).update(fields=fields)
    DataType.objects.filter(pk=fine.pk).update(payable="traffic_fine")
    fine.refresh_from_db()
    return fine


def owe(citizen: Citizen, number: int = 1, *, now: datetime = MORNING, **values: Any) -> Bill:
    """A record about person `number` comes in, and its bill is opened."""
    reported = record(number, **values)
    ingest(reported, now=now)
    open_bills(citizen=citizen, now=now)
    return Bill.objects.get(record__external_id=reported["external_id"])


def alice_owes(**values: Any) -> tuple[Citizen, Bill]:
    alice = enrol(1, make_fine(), channels=["sms"])
    return alice, owe(alice, 1, **values)


def urls(order_id: str) -> ReturnUrls:
    return ReturnUrls(*(f"http://testserver/pay/{order_id}/{how}/" for how in ("done", "cancel", "fail")))


def begin(citizen: Citizen, bill: Bill, *, provider: str = "toss_payments", now: datetime = MORNING) -> Payment:
    payment, _ = begin_payment(citizen=citizen, bill_id=bill.pk, provider=provider, return_urls=urls, now=now)
    return payment


def confirm(citizen: Citizen, payment: Payment, bank: Bank, *, now: datetime = MORNING, **query: str) -> Payment:
    """The citizen pays on the bank's page and comes back."""
    brought = bank.pay(payment.order_id) | query
    return confirm_payment(citizen=citizen, order_id=payment.order_id, query=brought, now=now)


def let_time_pass(*, dropped: bool = False) -> None:
    """Every poll is due, leases are over, and where `dropped` providers have dropped what was not captured."""
    Payment.objects.filter(ask_at__isnull=False).update(ask_at=Now())
    Payment.objects.filter(lease_until__isnull=False).update(lease_until=Now())
    if dropped:
        Payment.objects.filter(dropped_at__isnull=False).update(dropped_at=Now())


def correct(bill: Bill, *, now: datetime = MORNING, **values: Any) -> None:
    """The agency sends a newer version of the bill's record."""
    row = Record.objects.get(pk=bill.record_id)
    ingest(record(1, external_id=row.external_id, version=row.version + 1, **values), now=now)


def states() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("state", flat=True))
