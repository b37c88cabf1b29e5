"""Convert a version's rows to the mapping of a catalogue file, so that one reader checks both.

`subscriptions.data_types.format.read_data_type` has the rules; nothing is checked here.
"""

import hashlib
import json
from typing import Any

from subscriptions.data_types.format import read_data_type
from subscriptions.data_types.reading import SpecErrors, SpecProblem
from subscriptions.models import ConsentText, DataTypeVersion, MessageTemplate, Stage
from subscriptions.specs import CHANNELS, CONSENT_PARTS, DATED_TYPES, LANGUAGES, REACH, DataTypeSpec, Words


def mapping_of(version: DataTypeVersion) -> dict[str, Any]:
    """Return the content of the version, in the form of a file of `subscriptions/catalogue`."""
    stages = version.stages.prefetch_related("templates").order_by("position", "id")
    fields = [field_table(item) for item in version.fields]
    return head_of(version) | {"fields": fields, "stages": [stage_table(stage, version) for stage in stages]}


def head_of(version: DataTypeVersion) -> dict[str, Any]:
    """Return the same without fields and stages."""
    data_type = version.data_type
    head: dict[str, Any] = {
        "code": data_type.code,
        "group": data_type.group,
        "order": data_type.position,
        "agency": data_type.agency.code,
        "urgent": version.urgent,
        "sensitive": version.sensitive,
        **{part: _words(version, part) for part in ("name", "summary", "frequency")},
        "consent": {language: _consent(version.consent_text, language) for language in LANGUAGES},
    }
    rule = {name: getattr(version, name) for name in REACH if getattr(version, name)}
    return head | rule | ({"payable": data_type.payable} if data_type.payable else {})


def spec_of(version: DataTypeVersion) -> DataTypeSpec:
    """Return the version as a checked value, even if incomplete. Raises SpecErrors."""
    return read_data_type(mapping_of(version), version.name_ko, complete=False)


def problems_of(version: DataTypeVersion) -> list[SpecProblem]:
    """Return the problems that keep the version from going live: [] where there are none.

    A channel that has any template must have all of them; at least one channel must.
    """
    try:
        read_data_type(mapping_of(version), version.name_ko, channels=channels_of(version) or CHANNELS)
    except SpecErrors as errors:
        return errors.problems
    return []


def channels_of(version: DataTypeVersion) -> list[str]:
    """Return the channels for which the version has templates, in the catalogue's order."""
    used = set(MessageTemplate.objects.filter(stage__version=version).values_list("channel", flat=True))
    return [channel for channel in CHANNELS if channel in used]


def digest_of(version: DataTypeVersion) -> str:
    """Return 64 hex digits over the content: of the spec where it is valid, otherwise of the unfinished draft."""
    try:
        return spec_of(version).digest()
    except SpecErrors:
        canonical = json.dumps(mapping_of(version), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def slotted_field(version: DataTypeVersion, slot: int | None) -> str:
    """Return the name of the date field that fills the clear column `slot`; "" for none."""
    return next((item["name"] for item in version.fields if slot and item.get("date_slot") == slot), "")


def _words(row: object, part: str) -> dict[str, str]:
    return {language: getattr(row, f"{part}_{language}") for language in LANGUAGES}


def _consent(text: ConsentText, language: str) -> dict[str, str]:
    return {part: text.text(part, language) for part in CONSENT_PARTS}


def field_table(stored: dict[str, Any]) -> dict[str, Any]:
    """Convert `FieldSpec.to_json` to a table of a file: no nulls, choices by code, numbers as numbers."""
    table = {key: value for key, value in stored.items() if value is not None and value != "" and key != "absent"}
    choices = {item["code"]: {"ko": item["ko"], "en": item["en"]} for item in stored["choices"]}
    table.pop("choices", None)
    if stored["type"] in ("won", "int") and stored.get("sample"):
        table["sample"] = int(stored["sample"])
    return table | ({"choices": choices} if choices else {})


def stage_table(stage: Stage, version: DataTypeVersion) -> dict[str, Any]:
    table: dict[str, Any] = {
        "code": stage.code,
        "label": _words(stage, "label"),
        "on": stage.trigger,
        "at": f"{stage.send_at:%H:%M}",
        "states": list(stage.states),
        "urgent": stage.urgent,
        "told_only": stage.told_only,
        "template": [_template(item) for item in stage.templates.all()],
    }
    if stage.trigger == "event":
        table["event"] = stage.event
    if stage.trigger == "date":
        table |= {"field": stage.field, "days": stage.offset_days}
    expiry = _expiry(stage, version)
    return table | ({"expires": expiry} if expiry else {})


def _expiry(stage: Stage, version: DataTypeVersion) -> dict[str, Any]:
    if not stage.expires_slot and not stage.expires_at_event:
        return {}
    instants = (item["name"] for item in version.fields if item["type"] == "datetime" and item["date_slot"])
    field = slotted_field(version, stage.expires_slot) or next(instants, "")
    expiry: dict[str, Any] = {"days": stage.expires_days, "event": stage.expires_at_event}
    return expiry | ({"field": field} if field else {})


def _template(template: MessageTemplate) -> dict[str, Any]:
    texts = {"title": template.title, "body": template.body}
    return {"channels": [template.channel], "language": template.language, **texts}


def dated_fields(version: DataTypeVersion) -> dict[str, Words]:
    """Return names and labels of the fields that a stage can use as its date."""
    return {
        item["name"]: Words(**item["label"])
        for item in version.fields
        if item["type"] in DATED_TYPES and item.get("date_slot")
    }
