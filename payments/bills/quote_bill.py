"""QUOTE: compute what a bill costs today; keep it where a payment is begun, not where a page shows it.

A page shows a quote as its price clock: what the bill costs now, until when, what next, and what waiting costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from notifications.alarms import raise_alarm
from notifications.models.declared_holiday import use_declared_holidays
from payments.bills.debts import READ_ERRORS, report_unreadable
from payments.models import Bill, Quote
from payments.tariffs import contract
from payments.tariffs.ladder import UnknownTariff
from payments.tariffs.ladder import quote as by_tariff
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.korean.korean import Language
from secretary.kernel.time.clock import kst_date, kst_instant
from secretary.kernel.time.working_days import moved

READ_ALONG = "quotes_read_along"  # of a bill: the quotes of a day
OF_A_DAY = KeptQuery(lambda bills, day: Quote.objects.filter(bill__in=bills, day=day).order_by("pk"))


class Unquotable(ValueError):
    """Nothing can be paid on that day: before the notice, after a judgment, the record's facts are wrong, they are
    about another person, or they cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of how an amount was calculated; they sum up to it."""

    code: str
    words: str
    article: str
    amount: int


@dataclass(frozen=True, slots=True)
class NoteLine:
    code: str
    words: str
    article: str


@dataclass(frozen=True, slots=True)
class Change:
    """From the day `on` (in Korea) it costs `amount`."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class PriceClock:
    """All amounts in won."""

    day: date
    amount: int
    lines: tuple[Line, ...]
    notes: tuple[NoteLine, ...]
    until: date | None  # the last day at this amount; None: no later change is known
    valid_until: datetime | None  # the instant of the change
    next: Change | None
    after_next: Change | None
    by_law: int
    agency_differs: bool  # the agency's figure is used, and is not what the law gives from the same record
    differences: tuple[dict[str, str], ...]

    @property
    def cost_of_waiting(self) -> int:
        """What it costs more from the next change on; 0 where it does not change."""
        return self.next.amount - self.amount if self.next else 0

    @property
    def ends_procedure(self) -> bool:
        """True where paying this amount ends the procedure: no objection afterwards. Pages must state it before the
        button."""
        return any(note.code == contract.ENDS_PROCEDURE for note in self.notes)


def quote_bill(*, bill: Bill, now: datetime, agency_amount: int | None = None) -> Quote:
    """Keep today's amount. `agency_amount`: won, what the agency has just said; it wins, and stands for the rest of the
    day: else a person who has decided between both amounts would be shown the law's again and get no further.
    Raises Unquotable.

    Asked again on the same day about the same facts it is the same row.
    """
    quoted = price_today(bill=bill, now=now, agency_amount=agency_amount)
    if not quoted._state.adding:
        return quoted
    what = {name: getattr(quoted, name) for name in ("bill", "day", "record_version", "amount", "agency_amount")}
    how = {name: getattr(quoted, name) for name in ("by_law", "rules", "detail", "valid_until", "made_at")}
    quote, _ = Quote.objects.get_or_create(**what, defaults=how)
    return quote


def price_today(*, bill: Bill, now: datetime, agency_amount: int | None = None) -> Quote:
    """Compute as `quote_bill`, for pages: a quote that is new today is not kept. A difference between the agency and
    the law raises an alarm."""
    if not bill.is_theirs:
        raise Unquotable("its record is about another person now")
    day, record = kst_date(now), bill.record
    known = _known(bill, day)
    agency_amount = _last_quoted(known) if agency_amount is None else agency_amount
    try:
        facts = record.payload
    except READ_ERRORS as error:
        report_unreadable(record, error, now=now)
        raise Unquotable("its record cannot be read") from error
    try:
        objected = record.state == record.OBJECTED
        quoted = by_tariff(bill.tariff, facts, on=day, agency_amount=agency_amount, objected=objected)
    except contract.NotPayable as error:
        raise Unquotable(str(error)) from error
    except (contract.BadFacts, UnknownTariff) as error:
        _alarm(bill, "unquotable", f"bill {bill.pk} cannot be quoted: {error}", now)
        raise Unquotable(str(error)) from error
    if quoted.differs:
        _alarm(bill, "tariff_differs", f"bill {bill.pk}: {_differences(quoted)}", now)
    same = (quote for quote in known if (quote.amount, quote.agency_amount) == (quoted.amount, agency_amount))
    return next(same, None) or _not_kept(bill, day, quoted, agency_amount, now)


def keep_quotes(bills: Sequence[Bill], quotes: Iterable[Quote]) -> None:
    """Keep the quotes of today with their bills, rows of OF_A_DAY: `price_today` then needs no statement for each. The
    declared holidays are in use."""
    found: dict[int, list[Quote]] = {bill.pk: [] for bill in bills}
    for quote in quotes:
        found[quote.bill_id].append(quote)
    for bill in bills:
        bill.__dict__[READ_ALONG] = found[bill.pk]


def _known(bill: Bill, day: date) -> list[Quote]:
    """Return the quotes of this day and this version of the record, the earliest first."""
    version = bill.record.version
    read: list[Quote] | None = bill.__dict__.get(READ_ALONG)
    if read is None:
        use_declared_holidays()
        return list(Quote.objects.filter(bill=bill, day=day, record_version=version).order_by("pk"))
    return [quote for quote in read if (quote.day, quote.record_version) == (day, version)]


def _not_kept(bill: Bill, day: date, quoted: contract.Quote, agency_amount: int | None, now: datetime) -> Quote:
    return Quote(
        bill=bill,
        day=day,
        record_version=bill.record.version,
        amount=quoted.amount,
        agency_amount=agency_amount,
        by_law=quoted.by_law,
        rules=quoted.version,
        detail=_detail(quoted),
        valid_until=kst_instant(quoted.next_change.on) if quoted.next_change else None,
        made_at=now,
    )


def _last_quoted(known: Sequence[Quote]) -> int | None:
    """Return what the agency last said today of this very version of its record."""
    return next((quote.agency_amount for quote in reversed(known) if quote.agency_amount is not None), None)


def _alarm(bill: Bill, kind: str, message: str, now: datetime) -> None:
    raise_alarm(kind=kind, subject=f"{bill.record.agency.code}/{bill.tariff}", message=message, now=now)


def _differences(quoted: contract.Quote) -> str:
    return ", ".join(f"{item.what}: agency {item.agency}, law {item.by_law}" for item in quoted.differences)


def _detail(quoted: contract.Quote) -> dict[str, Any]:
    return {
        "steps": [_with_words(step) | {"amount": step.amount} for step in quoted.steps],
        "notes": [_with_words(note) for note in quoted.notes],
        "differences": [asdict(item) for item in quoted.differences],
        "next": _stored(quoted.next_change),
        "after_next": _stored(quoted.after_next),
    }


def _with_words(item: contract.Step | contract.Note) -> dict[str, Any]:
    return {"code": item.code, "ko": item.what.ko, "en": item.what.en, "article": item.article}


def _stored(change: contract.Change | None) -> dict[str, Any] | None:
    return {"on": _iso(change.on), "amount": change.amount} if change else None


def _iso(day: date) -> str:
    return day.isoformat()


def price_clock(quote: Quote, *, language: Language) -> PriceClock:
    """Return a quote as a page shows it, in this language."""
    detail: dict[str, Any] = quote.detail
    following = _change(detail["next"])
    return PriceClock(
        day=quote.day,
        amount=quote.amount,
        lines=tuple(Line(step["code"], step[language], step["article"], step["amount"]) for step in detail["steps"]),
        notes=tuple(NoteLine(note["code"], note[language], note["article"]) for note in detail["notes"]),
        until=following.on - timedelta(days=1) if following else None,
        valid_until=quote.valid_until,
        next=following,
        after_next=_change(detail["after_next"]),
        by_law=quote.by_law,
        agency_differs=bool(detail["differences"]),
        differences=tuple(detail["differences"]),
    )


def _change(stored: dict[str, Any] | None) -> Change | None:
    return Change(date.fromisoformat(stored["on"]), stored["amount"]) if stored else None


@dataclass(frozen=True, slots=True)
class FileBy:
    """`until`: the last day, moved off holidays; None: the record names none, the letter does."""

    what: str  # opinion: before the fine is imposed (질서위반행위규제법 §16); objection: 60 days after it was (§20)
    until: date | None


def file_by(tariff: str, fields: Mapping[str, Any], *, today: date) -> FileBy | None:
    """None where the law gives no such time: a penalty is objected to by not paying it (도로교통법 §165).

    A fine is due 60 days after its notice was received (도로교통법 시행령 §88⑥), the same 60 days that §20 gives.
    """
    if tariff != "traffic_fine":
        return None
    opinion, due = _moved(fields.get("reduction_ends_on")), _moved(fields.get("due_on"))
    if opinion is not None and today <= opinion:
        return FileBy("opinion", opinion)
    return FileBy("objection", due if due is not None and today <= due else None)


def _moved(written: Any) -> date | None:
    return moved(date.fromisoformat(written)) if written else None
