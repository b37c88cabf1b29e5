"""Show what an agency's record says, line by line, as its data type names it: to the person it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifications.subject import is_about
from payments.models import Bill
from secretary.common.korean import Language
from subscriptions.specs import FieldSpec, fields_from_json
from subscriptions.wording.values import writer


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    label: str
    words: str


def record_facts(*, bill_id: int, language: Language) -> list[Fact]:
    """Private fields (a plate) too: the page is only for the person. What the record leaves out is left out, and all of
    it where it is about another person by now (asked in the statement that reads it)."""
    bills = Bill.objects.filter(is_about(), pk=bill_id)
    bill = bills.select_related("record__agency", "record__data_type__live_version").first()
    if bill is None:
        return []
    version, payload = bill.record.data_type.live_version, bill.record.payload
    specs = fields_from_json(version.fields) if version else ()
    return [_fact(spec, payload, language) for spec in specs if payload.get(spec.name) not in (None, "")]


def _fact(spec: FieldSpec, payload: Mapping[str, Any], language: Language) -> Fact:
    return Fact(spec.name, spec.label.of(language), writer(spec, language)(payload[spec.name]))
