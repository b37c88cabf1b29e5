"""Convert a checked stage to the columns of its row, and back."""

from collections.abc import Sequence
from typing import Any

from subscriptions.models import Stage
from subscriptions.specs import FieldSpec, StageSpec, Words


def columns_of(stage: StageSpec, fields: Sequence[FieldSpec], *, urgent: bool) -> dict[str, Any]:
    """Return all columns of a `Stage` row but its version and position. `urgent`: the data type's default."""
    slots = {item.name: item.date_slot for item in fields}
    expires = stage.expires
    return {
        "code": stage.code,
        "label_ko": stage.label.ko,
        "label_en": stage.label.en,
        "trigger": stage.on,
        "event": stage.event,
        "field": stage.field,
        "date_slot": slots.get(stage.field),
        "offset_days": stage.days,
        "send_at": stage.at,
        "states": list(stage.states),
        "urgent": urgent if stage.urgent is None else stage.urgent,
        "told_only": stage.told_only,
        "expires_slot": slots.get(expires.field) if expires else None,
        "expires_days": expires.days if expires else 0,
        "expires_at_event": bool(expires and expires.at_event),
    }


def spec_of_row(stage: Stage) -> StageSpec:
    """Return the stage of a row without templates and end: enough to find the fields that a record may lack there."""
    return StageSpec(
        code=stage.code,
        label=Words(stage.label_ko, stage.label_en),
        on=stage.trigger,
        event=stage.event,
        field=stage.field,
        days=stage.offset_days,
        states=tuple(stage.states),
    )
