"""Read from the audit trail what an office did: the history of one entry, and the figures of a month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import KST, kst_instant
from subscriptions.enrolment.consent_texts import OFFICE_CALL
from subscriptions.models import Office, Official
from subscriptions.registration.move_registration import MOVED

REGISTERED, CORRECTED = "citizen.registered", "registration.corrected"
WITHDRAWN, REVEALED = "consent.withdrawn", "registration.revealed"
FAMILY_NAMED, FAMILY_WITHDRAWN = "family.named", "family.withdrawn"
HISTORY = (REGISTERED, CORRECTED, REVEALED, WITHDRAWN, MOVED, FAMILY_NAMED, FAMILY_WITHDRAWN)
MOVED_AWAY, MOVED_HERE = "moved away", "moved here"
FIGURES = (REGISTERED, CORRECTED, WITHDRAWN, MOVED_HERE, MOVED_AWAY, REVEALED)
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A deed about an entry, for its history. `by`: an account of this office; otherwise the name of its office."""

    at: datetime
    action: str
    by: str
    reason: str
    from_office: str
    to_office: str


def entry_history(office: Office, citizen_id: UUID) -> list[Line]:
    """Return what officials did with an entry, newest first: those of this office, and of offices that passed it on."""
    lines = AuditEvent.objects.filter(citizen_id=citizen_id, action__in=HISTORY, actor__startswith="official:")
    here = list(lines.exclude(object__startswith="into:").order_by("-id")[: 4 * MOST_LINES])
    codes = _passed_on_by(office, here) | {office.code}
    officials = {f"official:{each.id}": each for each in _officials_of(codes)}
    names = {each.code: each for each in Office.objects.filter(code__in=_codes_in(here))}
    return [
        _line(line, officials[line.actor], office, names)
        for line in here
        if line.actor in officials and not (line.action == MOVED and line.object.startswith("from:"))
    ][:MOST_LINES]


def _officials_of(codes: set[str]) -> list[Official]:
    return list(Official.objects.filter(office__code__in=codes).select_related("office", "user"))


def _codes_in(lines: list[AuditEvent]) -> set[str]:
    return {part.partition(":")[2] for line in lines if line.action == MOVED for part in line.object.split()}


def _passed_on_by(office: Office, lines: list[AuditEvent]) -> set[str]:
    """Return the codes of the offices through whose hands the entry came here."""
    pairs = [line.object.split() for line in lines if line.action == MOVED and line.object.startswith("to:")]
    reached: set[str] = set()
    for to, came_from in pairs:  # newest first
        if to.partition(":")[2] in reached | {office.code}:
            reached.add(came_from.partition(":")[2])
    return reached


def _line(line: AuditEvent, official: Official, office: Office, names: Mapping[str, Office]) -> Line:
    own = official.office_id == office.pk
    to, came_from = line.object.split() if line.action == MOVED else ("", "")
    return Line(
        at=line.at,
        action=line.action,
        by=official.user.get_username() if own else str(official.office),
        reason=line.reason,
        from_office=_name(names, came_from),
        to_office=_name(names, to),
    )


def _name(names: Mapping[str, Office], part: str) -> str:
    code = part.partition(":")[2]
    return str(names[code]) if code in names else code


def month_figures(office: Office, month: date) -> dict[date, Counter[str]]:
    """Return for each day of the month what was done how often, by FIGURES. `month`: its first day."""
    following = (month + timedelta(days=31)).replace(day=1)
    days = [month + timedelta(days=number) for number in range((following - month).days)]
    figures: dict[date, Counter[str]] = {day: Counter() for day in days}
    within = {"at__gte": kst_instant(month), "at__lt": kst_instant(following)}
    actors = [f"official:{pk}" for pk in Official.objects.filter(office=office).values_list("pk", flat=True)]
    deeds = AuditEvent.objects.filter(
        actor__in=actors, actor__startswith="official:", action__in=(REGISTERED, CORRECTED, WITHDRAWN, REVEALED)
    ).exclude(object__startswith="into:")
    deeds = deeds.exclude(action=WITHDRAWN, object=OFFICE_CALL)  # who wants no calls stays registered
    for day, action, number in _by_day(deeds, within):
        figures[day][action] += number
    mine = AuditEvent.objects.filter(action=MOVED)
    for start, name in ((f"from:{office.code} ", MOVED_AWAY), (f"to:{office.code} ", MOVED_HERE)):
        for day, _action, number in _by_day(mine.filter(object__startswith=start), within):
            figures[day][name] += number
    return figures


def _by_day(lines: QuerySet[AuditEvent], within: Mapping[str, datetime]) -> list[tuple[date, str, int]]:
    days = lines.filter(**within).order_by().annotate(day=TruncDate("at", tzinfo=KST))
    return list(days.values_list("day", "action").annotate(Count("id")))
