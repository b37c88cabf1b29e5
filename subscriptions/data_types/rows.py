"""Write a checked `DataTypeSpec` as the rows of a version: its stages, its templates and its consent text; read a stage
back from its row."""

from collections.abc import Sequence
from typing import Any

from subscriptions.enrolment.consent_texts import newest_or_new
from subscriptions.models import ConsentText, DataType, DataTypeVersion, MessageTemplate, Stage
from subscriptions.specs import CONSENT_PARTS, DataTypeSpec, FieldSpec, StageSpec, Words


def insert_version(*, spec: DataTypeSpec, data_type: DataType, number: int, source: str) -> DataTypeVersion:
    """Return a draft with the content of `spec`. Called inside a transaction.

    Its templates have no vendor's template code until they have been submitted and approved.
    """
    version = DataTypeVersion.objects.create(
        data_type=data_type,
        number=number,
        source=source,
        urgent=spec.urgent,
        sensitive=spec.sensitive,
        reach_hours=spec.reach_hours,
        reach_channels=spec.reach_channels,
        fields=[field.to_json() for field in spec.fields],
        consent_text=consent_text_for(spec),
        digest=spec.digest(),
        shipped_digest=spec.digest(),
        **_both("name", spec.name),
        **_both("summary", spec.summary),
        **_both("frequency", spec.frequency),
    )
    stages = Stage.objects.bulk_create(
        _stage(stage, spec, version, position) for position, stage in enumerate(spec.stages, start=1)
    )
    MessageTemplate.objects.bulk_create(
        template for row, stage in zip(stages, spec.stages, strict=True) for template in _templates(row, stage)
    )
    return version


def consent_text_for(spec: DataTypeSpec) -> ConsentText:
    """Return the newest text of the data type where it is the same (earlier consents stay valid), else a new one."""
    texts = {f"{part}_{item.language}": getattr(item, part) for item in spec.consents for part in CONSENT_PARTS}
    return newest_or_new(spec.code, {**texts, "sensitive": spec.sensitive})


def _both(name: str, words: Any) -> dict[str, str]:
    return {f"{name}_ko": words.ko, f"{name}_en": words.en}


def _stage(stage: StageSpec, spec: DataTypeSpec, version: DataTypeVersion, position: int) -> Stage:
    return Stage(version=version, position=position, **columns_of(stage, spec.fields, urgent=spec.urgent))


def _templates(row: Stage, stage: StageSpec) -> list[MessageTemplate]:
    return [
        MessageTemplate(stage=row, channel=item.channel, language=item.language, title=item.title, body=item.body)
        for item in stage.templates
    ]


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
