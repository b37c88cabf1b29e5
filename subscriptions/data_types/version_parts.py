"""Check one part of a draft by the catalogue's own rules while the rest is still unfinished."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from subscriptions.data_types.format import read_data_type
from subscriptions.data_types.reading import SpecErrors
from subscriptions.data_types.version_mapping import field_table, head_of, stage_table
from subscriptions.models import DataTypeVersion, Stage
from subscriptions.specs import DATE_SLOTS, DATED_TYPES, DataTypeSpec, FieldSpec, StageSpec

ANY_STAGE: dict[str, Any] = {"code": "any", "label": {"ko": "-", "en": "-"}, "on": "opened"}


class BadPart(Exception):
    """The part breaks a rule; `messages` name the rule to the administrator."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def read_field(version: DataTypeVersion, table: Mapping[str, Any], *, replacing: str = "") -> tuple[FieldSpec, ...]:
    """Return all fields of the draft with the one that `table` describes, in place of `replacing` or at the end.

    Raises BadPart.
    """
    tables: list[Mapping[str, Any]] = [field_table(item) for item in version.fields]
    names = [item["name"] for item in version.fields]
    if replacing in names:
        tables[names.index(replacing)] = dict(table)
    else:
        tables.append(dict(table))
    return read_fields(version, tables)


def read_fields(version: DataTypeVersion, tables: Sequence[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Return all fields that `tables` describe. Raises BadPart."""
    return _read(version, [dict(table) for table in tables], [ANY_STAGE]).fields


def read_stage(version: DataTypeVersion, table: Mapping[str, Any]) -> StageSpec:
    """Return the stage that `table` describes, without its templates. Raises BadPart."""
    fields = [field_table(item) for item in version.fields]
    return _read(version, fields, [{**table, "template": []}]).stages[0]


def stage_spec(stage: Stage) -> StageSpec | None:
    """Return a saved stage, to check templates against it; None where a later change of fields broke it."""
    try:
        return read_stage(stage.version, stage_table(stage, stage.version))
    except BadPart:
        return None


def date_slot(version: DataTypeVersion, name: str) -> int:
    """Return the clear column of a record that the date field `name` fills, permanently, since records stay.

    A field keeps the column that it had in any version; a new one gets a column that no published version used
    for something else. Raises BadPart when all four are taken.
    """
    published = version.data_type.versions.exclude(state=DataTypeVersion.DRAFT).exclude(pk=version.pk)
    used: dict[int, str] = {
        item["date_slot"]: item["name"]
        for fields in [*published.order_by("number").values_list("fields", flat=True), version.fields]
        for item in fields
        if item.get("date_slot")
    }
    own = [slot for slot, owner in used.items() if owner == name]
    free = [slot for slot in DATE_SLOTS if slot not in used]
    if not own + free:
        raise BadPart([_("Reminders can be scheduled by four dates of a data type, and all four are in use.")])
    return (own + free)[0]


def refuse_removal(version: DataTypeVersion, name: str) -> None:
    """Raise BadPart where a stage hangs on the field or a template shows it."""
    spec = next((item for item in version.fields if item["name"] == name), None)
    if spec is None:
        return
    users = [
        stage.code
        for stage in version.stages.prefetch_related("templates")
        if stage.field == name or any(f"#{{{spec['placeholder']}" in item.body for item in stage.templates.all())
    ]
    if users:
        raise BadPart([_("The field is used in: %(stages)s. Change these first.") % {"stages": ", ".join(users)}])


def is_dated(kind: str) -> bool:
    return kind in DATED_TYPES


def _read(version: DataTypeVersion, fields: list[Any], stages: list[Any]) -> DataTypeSpec:
    """Return the rest of the draft unchanged, with a dash in empty places."""
    source = "-"
    mapping = {**_without_gaps(head_of(version)), "fields": fields, "stages": stages}
    try:
        return read_data_type(mapping, source, complete=False)
    except SpecErrors as errors:
        raise BadPart([_about(item.where, item.message) for item in errors.problems]) from errors


def _about(where: str, message: str) -> str:
    """Return the message with its place, without the part of the place that the form already shows."""
    part = where.rpartition(", ")[2] if where.count(", ") > 1 else ""
    return f"{part}: {message}" if part else message


def _without_gaps(mapping: dict[str, Any]) -> dict[str, Any]:
    def fill(value: Any) -> Any:
        return {key: fill(inner) for key, inner in value.items()} if isinstance(value, dict) else value or "-"

    gaps = ("name", "summary", "frequency", "consent")
    return {key: fill(value) if key in gaps else value for key, value in mapping.items()}
