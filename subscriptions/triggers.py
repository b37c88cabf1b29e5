"""Define the triggers of stages in one table, which all code uses.

When the news of a trigger are due and until when they hold, as SQL: matching/triggers.py, made of the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: Final = ("open", "paid", "completed", "withdrawn", "objected")  # of a record
# A record that was paid, completed, withdrawn or objected to is open again: sent to people who were notified of that.
REOPENED: Final = "reopened"
# The record is about another person: sent to people who had been notified of it as theirs.
NOT_YOURS: Final = "not_yours"


@dataclass(frozen=True, slots=True)
class Trigger:
    """The rules of one trigger. `says`: the state of the record that its notices state; "" for none.

    `holds_in`: the states of the record in which its news are true; None: those that each stage names itself.
    `told_only`: its news are only for people who were notified of the record before.
    """

    label: Promise
    says: str
    holds_in: tuple[str, ...] | None
    told_only: bool


def _end(label: Promise, state: str) -> Trigger:
    return Trigger(label, says=state, holds_in=(state,), told_only=True)


_OPEN, _AND_DONE = ("open",), ("open", "completed")
TRIGGERS: Final[Mapping[str, Trigger]] = {
    "opened": Trigger(_("a new record"), says="open", holds_in=_OPEN, told_only=False),
    "event": Trigger(_("a named event in the record"), says="", holds_in=_AND_DONE, told_only=False),
    # Beyond an open record it holds for as long as the record's event: a result after the application is completed.
    "changed": Trigger(_("a correction of what was announced"), says="open", holds_in=_AND_DONE, told_only=True),
    REOPENED: Trigger(
        _("open again after it was paid, completed or withdrawn"), says="open", holds_in=_OPEN, told_only=True
    ),
    "paid": _end(_("paid"), "paid"),
    "completed": _end(_("completed"), "completed"),
    "withdrawn": _end(_("withdrawn by the agency"), "withdrawn"),
    "objected": _end(_("an objection is before the agency or a court"), "objected"),
    "date": Trigger(_("so many days before or after a date of the record"), says="", holds_in=None, told_only=False),
    NOT_YOURS: Trigger(_("the record was about another person after all"), says="", holds_in=STATES, told_only=True),
}
TOLD_ONLY: Final = tuple(code for code, trigger in TRIGGERS.items() if trigger.told_only)
SAY_OPEN: Final = tuple(code for code, trigger in TRIGGERS.items() if trigger.says == "open")
# People are notified of these as an end, or as a suspension; an agency can reverse each of them.
SAY_END: Final = tuple(code for code, trigger in TRIGGERS.items() if trigger.says not in ("", "open"))


def holding_in(state: str, *, but_not_in: str = "") -> tuple[str, ...]:
    """Return triggers whose news hold in one state of the record, not in the other. For "date" each stage decides."""
    held = {code: trigger.holds_in for code, trigger in TRIGGERS.items() if trigger.holds_in}
    return tuple(code for code, states in held.items() if state in states and but_not_in not in states)
