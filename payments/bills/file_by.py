"""Find until when a citizen may contest a fine at the agency. Our own button files nothing (object_to_bill.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from secretary.kernel.time.working_days import moved

OPINION, OBJECTION = "opinion", "objection"


@dataclass(frozen=True, slots=True)
class FileBy:
    """`until`: the last day, moved off holidays; None: the record names none, the letter does."""

    what: str  # OPINION: before the fine is imposed (질서위반행위규제법 §16); OBJECTION: 60 days after it was (§20)
    until: date | None


def file_by(tariff: str, fields: Mapping[str, Any], *, today: date) -> FileBy | None:
    """None where the law gives no such time: a penalty is objected to by not paying it (도로교통법 §165).

    A fine is due 60 days after its notice was received (도로교통법 시행령 §88⑥), the same 60 days that §20 gives.
    """
    if tariff != "traffic_fine":
        return None
    opinion, due = _moved(fields.get("reduction_ends_on")), _moved(fields.get("due_on"))
    if opinion is not None and today <= opinion:
        return FileBy(OPINION, opinion)
    return FileBy(OBJECTION, due if due is not None and today <= due else None)


def _moved(written: Any) -> date | None:
    return moved(date.fromisoformat(written)) if written else None
