"""Bring one citizen, by the product's own ways, to where years lead: many notices, bills, payments and accesses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from benchmarks.rig.population import ci_of, fields_of
from citizens.calendar.feed import make_address
from citizens.models import DataExport, Erasure
from notifications.channels.contract import Outcome as SendOutcome
from notifications.channels.contract import Verdict as SendVerdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import claim
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.intake.ingest import ingest_page
from notifications.intake.parsing.schema import live_schemas
from notifications.matching.match import match_batches
from notifications.models import Feed, FeedRun, Notice, Record
from notifications.sources.contract import Line
from payments.bills.bills import open_bills
from payments.bills.debts import CASE
from payments.bills.quote_bill import quote_bill
from payments.checkout.take_outcome import take_outcome
from payments.models import Bill
from payments.providers.contract import Outcome, Verdict
from payments.states import OPEN
from payments.transitions import claim as claim_payment
from payments.transitions import open_page, open_payment
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.consent_texts import texts_for
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, DataType

NUMBER = 0  # of the reader; the crowd begins at 1
PERSON = Person(ci=ci_of(NUMBER), name="홍길동", birth_date=date(1960, 1, 2), phone="+821000000000")
PROVIDER = "toss_payments"
LEFT_OUT = "traffic_penalty"  # a kind that they do not get: the page that adds kinds has one to offer
PAYABLE = "traffic_fine"
CONFIRM_WITHIN = timedelta(minutes=10)
PAID = 60  # of the bills
ACCESSES = 60  # of staff, to their data


@dataclass(frozen=True, slots=True)
class Reader:
    """What the addresses of a citizen's pages need."""

    citizen: Citizen
    kind: str
    other_kind: str
    left_out: str  # a kind that the person does not get
    notice: int
    middle: int  # a notice in the middle of the list
    check_code: str
    bill: int
    order: str  # a paid one
    export: int
    erasure: str
    token: str  # of the calendar feed's address


def make_reader(*, kinds: Sequence[DataType], left_out: str, notices: int, still_open: int, now: datetime) -> Reader:
    """Sign up the person for `kinds`, and let so many notices of them arrive; none of them is read. All records but the
    newest `still_open` are completed since."""
    citizen = sign_up(
        person=PERSON,
        channels=["kakaotalk", "sms"],
        data_types=[kind.code for kind in kinds],
        consents=texts_for(list(kinds)),
        language="ko",
        now=now,
    )
    _records_arrive(kinds, notices, now)
    while match_batches(now=now):
        continue
    delivered = SendOutcome("", SendVerdict.DELIVERED)
    while (claimed := claim(now=now)).looked_at:
        apply_outcomes([Reported(each.delivery_id, delivered, each.channel) for each in claimed.attempts], now=now)
    for number in range(ACCESSES):
        record_audit(now=now, actor="staff:1", action="looked at", citizen_id=citizen.pk, object=f"citizen:{number}")
    mine = Notice.objects.filter(citizen=citizen).order_by("pk").values_list("pk", flat=True)
    newest, middle = mine.reverse()[0], mine[len(mine) // 2]
    order = _pay_some(citizen, now)
    over = [f"R-{number}" for number in range(notices - still_open)]
    Record.objects.filter(external_id__in=over).update(state=Record.COMPLETED)
    return Reader(
        citizen=citizen,
        kind=kinds[0].code,
        other_kind=kinds[-1].code,
        left_out=left_out,
        notice=newest,
        middle=middle,
        check_code=check_code(newest),
        bill=Bill.objects.filter(citizen=citizen, state=OPEN, record__state=Record.OPEN).latest("pk").pk,
        order=order,
        export=_export(citizen, now),
        erasure=_erasure(now),
        token=make_address(citizen=citizen, now=now),
    )


def _records_arrive(kinds: Sequence[DataType], count: int, now: datetime) -> None:
    """The n-th record is of kind n modulo their number; each is open, with days to come."""
    schemas, shapes = live_schemas(), {kind.code: _fields(kind, now) for kind in kinds}
    for agency in {kind.agency_id for kind in kinds}:
        feed = Feed.objects.create(name=f"reader-{agency}", agency_id=agency, kind="file_drop", every_minutes=1440)
        run = FeedRun.objects.create(feed=feed, started_at=now, finished_at=now, state=FeedRun.FINISHED)
        lines = [
            Line(number, _record(kind.code, number, shapes[kind.code]))
            for number, kind in _dealt(kinds, count)
            if kind.agency_id == agency
        ]
        taken = ingest_page(run=run, lines=lines, schemas=schemas, now=now)
        assert taken.new == len(lines), taken.as_dict()


def _fields(kind: DataType, now: datetime) -> dict[str, object]:
    """Return a record's fields; what is to be paid has happened ten days ago, so that it can be quoted."""
    fields = fields_of(kind, kst_date(now))
    if not kind.payable:
        return fields
    past = (now - timedelta(days=10)).isoformat(timespec="seconds")
    return {name: past if "T14:05:00" in str(value) else value for name, value in fields.items()}


def _dealt(kinds: Sequence[DataType], count: int) -> Iterator[tuple[int, DataType]]:
    return ((number, kinds[number % len(kinds)]) for number in range(count))


def _record(code: str, number: int, fields: dict[str, object]) -> dict[str, object]:
    """Each is a case of its own: what is paid settles no other."""
    own = {CASE: f"R-{number}"} if CASE in fields else {}
    subject = {"ci": PERSON.ci}
    return {"external_id": f"R-{number}", "data_type": code, "version": 1, "subject": subject, "fields": fields | own}


def _pay_some(citizen: Citizen, now: datetime) -> str:
    """Open all bills, pay the first of them, and return an order that paid."""
    open_bills(citizen=citizen, now=now)
    orders = []
    for number, bill in enumerate(Bill.objects.filter(citizen=citizen, tariff=PAYABLE).order_by("record")[:PAID]):
        quote = quote_bill(bill=bill, now=now)
        payment = open_payment(bill=bill, quote=quote, provider=PROVIDER, now=now)
        open_page(payment, vendor_id=f"reader-{number}")
        claim_payment(payment, quote=quote, vendor_id="", confirm_within=CONFIRM_WITHIN, now=now)
        paid = Outcome(Verdict.PAID, amount=quote.amount, balance=quote.amount, approved_at=now)
        take_outcome(payment_id=payment.pk, outcome=paid, now=now)
        orders.append(payment.order_id)
    return orders[0]


def _export(citizen: Citizen, now: datetime) -> int:
    row = DataExport.objects.create(citizen=citizen, state=DataExport.WAITING, asked_at=now, expires_at=now)
    return row.pk


def _erasure(now: datetime) -> str:
    times = {"asked_at": now, "promised_by": now, "finished_at": now}
    return Erasure.objects.create(number="E-READER", why=Erasure.ASKED, state=Erasure.DONE, **times).number
