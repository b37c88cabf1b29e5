"""List a person's notices: a page at a time, the newest first, all of them or those with something left to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from citizens.inbox.facts import Day, days_to_come, telling
from citizens.inbox.kinds import kind_of
from citizens.inbox.why import Why, why
from notifications.models import Record
from notifications.models.record import about_sql
from notifications.states import CANCELLED, READY, TOO_LATE
from payments.bills.debts_today import DebtToday, debts_today
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql
from secretary.kernel.korean.korean import Language
from secretary.kernel.secrets.encryption import Undecryptable
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen
from subscriptions.triggers import NOT_YOURS

ON_A_PAGE = 20
NEWEST = 2**63 - 1
_ABOUT = about_sql(record="r", citizen="n.citizen_id")
# What a reader sees of a notice hangs on these rows. `theirs.now`: the record is about the person now.
AROUND = f"""JOIN subscriptions_stage st ON st.id = n.stage_id
JOIN notifications_record r ON r.id = n.record_id
JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
JOIN subscriptions_agency a ON a.id = r.agency_id
CROSS JOIN LATERAL (SELECT n.not_theirs_at IS NULL AND st.trigger <> 'not_yours' AND {_ABOUT} AS now OFFSET 0) theirs
LEFT JOIN citizens_readnotice rd ON rd.notice_id = n.id"""
ALL = "notifications_notice n WHERE true"
OF_A_KIND = """notifications_notice n JOIN subscriptions_stage s ON s.id = n.stage_id
    JOIN subscriptions_datatypeversion v ON v.id = s.version_id JOIN subscriptions_datatype t ON t.id = v.data_type_id
    WHERE t.code = %(kind)s"""
# The newest notice of each record that is open: whether there is something left to do is decided below, by its days and
# its bill. Newer ones are looked up by the record, which has a few: written so that no plan goes through all notices of
# the person for each of them.
MAY_BE_TO_DO = f"""notifications_notice n JOIN notifications_record r ON r.id = n.record_id
    JOIN subscriptions_stage s ON s.id = n.stage_id
    WHERE r.state = '{Record.OPEN}' AND s.trigger <> '{NOT_YOURS}' AND NOT EXISTS (
        SELECT 1 FROM notifications_notice later
        WHERE later.record_id = n.record_id AND later.citizen_id IS NOT DISTINCT FROM n.citizen_id AND later.id > n.id
        OFFSET 0)"""  # noqa: S608
PAGE, PAGE_OF_A_KIND, PAGE_TO_DO = (
    planned(read_sql("citizens", "inbox", around=AROUND, picked=picked)) for picked in (ALL, OF_A_KIND, MAY_BE_TO_DO)
)
# Nothing went out to the person: there is nothing that they could have missed.
NEVER_OUT = (READY, CANCELLED, TOO_LATE)


class Row(NamedTuple):
    """A row of sql/inbox.sql."""

    notice_id: int
    state: str
    reason: str
    created_at: datetime
    not_before: datetime
    label_ko: str
    label_en: str
    version_id: int
    payable: str
    record_id: int
    record_state: str
    payload_encrypted: memoryview | None  # None: the record is not about them now, or their notice says just that
    told_encrypted: memoryview | None
    external_id: str
    agency_code: str
    theirs: bool
    is_read: bool
    channel: str | None
    arrived: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as the list shows it."""

    notice_id: int
    kind: str  # its code
    day: date  # in Korea, on which it was made
    at: datetime
    title: str  # of its kind
    stage: str
    telling: tuple[str, ...]  # by which it is told from others; none of health data, or where it is not theirs now
    why: Why
    channel: str  # it was last tried on; "" before the first attempt
    is_new: bool
    to_do: bool
    until: Day | None  # the nearest day to come, where there is something left to do
    debt: DebtToday  # of one that is paid for: what it costs today, or that it is paid


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    before: int | None  # the next page begins before this notice; None: there is none


def page(
    *, citizen: Citizen, language: Language, now: datetime, kind: str = "", to_do: bool = False, before: int = NEWEST
) -> Page:
    """Return one page. `kind`: the code of a data type; `before`: from the page before it. Changes no notice."""
    values: dict[str, Any] = {"citizen": citizen.pk, "before": before, "kind": kind, "most": ON_A_PAGE + 1}
    statement = PAGE_TO_DO if to_do else PAGE_OF_A_KIND if kind else PAGE
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = [Row._make(row) for row in cursor.fetchall()]
    rows = found[:ON_A_PAGE]
    payloads = [_payload(row) for row in rows]
    due = {row.record_id: each for row, each in zip(rows, payloads, strict=True) if _is_debt(row, Record.OPEN)}
    paid = {row.record_id for row in rows if _is_debt(row, Record.PAID)}
    debts = debts_today(citizen=citizen, due=due, paid=paid, now=now)
    lines = [_line(row, each, debts, language, now) for row, each in zip(rows, payloads, strict=True)]
    shown = tuple(line for line in lines if line.to_do or not to_do)
    return Page(shown, rows[-1].notice_id if len(found) > ON_A_PAGE else None)


def is_to_do(*, record_state: str, theirs: bool, days: Collection[Day], owes: bool | None) -> bool:
    """Return whether something is left to do about a record: it is open, and unpaid or, where it has no bill (None),
    one of its days is still to come."""
    return theirs and record_state == Record.OPEN and (bool(days) if owes is None else owes)


def _is_debt(row: Row, state: str) -> bool:
    return bool(row.payable) and row.theirs and row.record_state == state


NO_DEBT = DebtToday()


def _line(
    row: Row, payload: Mapping[str, Any], debts: Mapping[int, DebtToday], language: Language, now: datetime
) -> Line:
    kind = kind_of(row.version_id)
    days = days_to_come(kind.dated, payload, language, now=now)
    debt = debts.get(row.record_id, NO_DEBT) if row.theirs else NO_DEBT
    to_do = is_to_do(record_state=row.record_state, theirs=row.theirs, days=days, owes=debt.owes)
    arrived = row.channel if row.arrived and row.channel else ""
    explained = why(row.state, row.reason, not_before=row.not_before, arrived=arrived, now=now)
    return Line(
        notice_id=row.notice_id,
        kind=kind.code,
        day=kst_date(row.created_at),
        at=row.created_at,
        title=kind.title(language),
        stage=row.label_en if language == "en" else row.label_ko,
        telling=() if kind.sensitive else telling(kind, payload, language),
        why=explained,
        channel=row.channel or "",
        is_new=not row.is_read and row.state not in NEVER_OUT,
        to_do=to_do,
        until=days[0] if to_do and days else None,
        debt=debt,
    )


def _payload(row: Row) -> Mapping[str, Any]:
    """Return nothing of a record that cannot be read: its page says so, and the other rows are shown all the same."""
    if row.payload_encrypted is None:
        return {}
    try:
        return Record.open_payload(row.payload_encrypted, row.told_encrypted, row.agency_code, row.external_id)
    except (Undecryptable, ValueError):
        return {}
