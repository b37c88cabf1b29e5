"""What an agency's record says, line by line, as its data type names and writes it: for the person it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifications.models import Record
from secretary.common.korean import Language
from subscriptions.specs import FieldSpec, fields_from_json
from subscriptions.wording.values import writer


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    label: str
    words: str


def record_facts(*, record_id: int, language: Language) -> list[Fact]:
    """Private fields (a plate) too: the page is only for the person. What the record leaves out is left out."""
    record = Record.objects.select_related("data_type__live_version").get(pk=record_id)
    version = record.data_type.live_version
    specs = fields_from_json(version.fields) if version else ()
    return [_fact(spec, record.payload, language) for spec in specs if record.payload.get(spec.name) not in (None, "")]


def _fact(spec: FieldSpec, payload: Mapping[str, Any], language: Language) -> Fact:
    return Fact(spec.name, spec.label.of(language), writer(spec, language)(payload[spec.name]))
