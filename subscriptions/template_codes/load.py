"""Load template codes from a file: all of it or nothing; live templates' codes are proposed to a second person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from secretary.kernel.audit.audit import record_audit
from subscriptions.data_types.drafts import Refused
from subscriptions.data_types.publish import set_vendor_template
from subscriptions.models import DataTypeVersion
from subscriptions.template_codes.lines import CodeLine, Problem, read_lines
from subscriptions.template_codes.places import NotFound, Place, Places

MOST_CODE = 80
UNCHANGED, NO_CODE, IN_DRAFT, PROPOSED = "unchanged", "no code", "in the draft", "proposed"


@dataclass(frozen=True, slots=True)
class Change:
    """What loading does with a line: from which code to which, and how."""

    line: CodeLine
    place: Place
    effect: str

    @property
    def is_change(self) -> bool:
        return self.effect in (IN_DRAFT, PROPOSED)

    @property
    def words(self) -> str:
        return {
            UNCHANGED: _("unchanged"),
            NO_CODE: _("no code in the file"),
            IN_DRAFT: _("entered in the draft"),
            PROPOSED: _("proposed; counts once another person has approved it"),
        }[self.effect]


@dataclass(frozen=True, slots=True)
class Plan:
    """What loading a file does. Nothing is loaded while there is a problem."""

    changes: Sequence[Change]
    problems: Sequence[Problem]

    @property
    def to_do(self) -> list[Change]:
        return [change for change in self.changes if change.is_change]

    @property
    def digest(self) -> str:
        """Return what stands for these changes, so that what was looked at is what is loaded."""
        rows = [
            (each.place.template.pk, each.place.key, each.place.code, each.line.code, each.effect)
            for each in self.changes
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def plan_codes(content: str) -> Plan:
    """Compare a file with what counts now. Changes nothing."""
    lines, problems = read_lines(content)
    places = Places()
    changes: list[Change] = []
    first: dict[tuple[int, str], CodeLine] = {}
    for line in lines:
        try:
            place = places.find(line)
            _check_code(line.code)
        except NotFound as error:
            problems.append(Problem(line.number, str(error)))
            continue
        earlier = first.setdefault((place.template.pk, place.key), line)
        if earlier is not line:
            message = _("The same text stands in line %(line)d already. Remove one of them.") % {"line": earlier.number}
            problems.append(Problem(line.number, message))
        changes.append(Change(line, place, _effect(line, place)))
    return Plan(changes, sorted(problems, key=lambda problem: problem.number))


@transaction.atomic
def load_codes(content: str, *, by: AbstractBaseUser, actor: str, reason: str, seen: str, now: datetime) -> Plan:
    """Enter the codes of a file, or none of them; return what was done. `seen`: the digest of the plan that was looked
    at. Raises Refused where the file has a problem, where it would change something else by now, and as
    `set_vendor_template` does."""
    plan = plan_codes(content)
    if plan.problems:
        raise Refused(str(plan.problems[0]))
    if plan.digest != seen:
        raise Refused(_("Something has changed since. Please look at the table again."))
    for change in plan.to_do:
        place = change.place
        set_vendor_template(template=place.template, code=change.line.code, by=by, now=now, variant=place.key)
    providers = ", ".join(sorted({change.line.provider for change in plan.changes})) or "–"
    what = f"template codes:{providers} {len(plan.to_do)} of {len(plan.changes)}, plan {plan.digest}"
    record_audit(now=now, actor=actor, action="template codes loaded", object=what, reason=reason)
    return plan


def _effect(line: CodeLine, place: Place) -> str:
    if not line.code:
        return NO_CODE
    if line.code == (place.proposed or place.code):
        return UNCHANGED
    return IN_DRAFT if place.version.state == DataTypeVersion.DRAFT else PROPOSED


def _check_code(code: str) -> None:
    if len(code) > MOST_CODE or any(sign.isspace() for sign in code):
        remedy = _("A template code has %(most)d characters at most and no spaces. Copy it from the vendor's console.")
        raise NotFound(remedy % {"most": MOST_CODE})
