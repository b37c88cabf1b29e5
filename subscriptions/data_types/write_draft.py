"""Write all of a draft in one step: names, consent text, fields, stages and message templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from subscriptions.data_types.drafts import set_consent_text
from subscriptions.data_types.rows import columns_of
from subscriptions.data_types.suggest import suggest_basics, suggest_consent, suggest_templates
from subscriptions.data_types.version_parts import BadPart, date_slot, is_dated, read_fields, read_stage
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage
from subscriptions.specs import CONSENT_COLUMNS, fields_from_json


@dataclass(frozen=True, slots=True)
class StageChange:
    """A stage as a table of the catalogue. `pk`: 0 for a new one. `table`: None removes it.

    `suggest`: its messages are written anew from the neutral basis, as those of a new stage are.
    """

    pk: int
    table: Mapping[str, Any] | None
    suggest: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One message template; none of it is left where title and text are empty."""

    stage: int
    channel: str
    language: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a draft. Empty basics and empty parts of the consent text are suggested."""

    basics: Mapping[str, Any]
    consent: Mapping[str, Any]
    fields: Sequence[dict[str, Any]]
    stages: Sequence[StageChange]
    texts: Sequence[Text] = field(default=())


def write_draft(draft: DataTypeVersion, contents: Contents) -> None:
    """Write it all into the draft, inside `editing`. Raises BadPart with every problem of its fields or stages."""
    before = suggest_basics(draft) | suggest_consent(draft)
    for name, value in contents.basics.items():
        setattr(draft, name, value)
    _write_fields(draft, contents)
    fresh = _write_stages(draft, contents.stages)
    for stage in fresh:
        stage.templates.all().delete()
        MessageTemplate.objects.bulk_create(suggest_templates(stage))
    stages = {stage.pk: stage for stage in draft.stages.exclude(pk__in=[stage.pk for stage in fresh])}
    for text in contents.texts:
        if text.stage in stages:
            write_template(stages[text.stage], text)
    _fill_gaps(draft, contents, before)


def _fill_gaps(draft: DataTypeVersion, contents: Contents, before: Mapping[str, str]) -> None:
    """Suggest what is empty, and anew what still is as it was suggested `before` names and fields changed."""
    after = suggest_basics(draft) | suggest_consent(draft)
    given = {**contents.basics, **contents.consent}
    filled = {name: given[name] if given.get(name) not in (None, "", before[name]) else after[name] for name in after}
    for name in suggest_basics(draft):
        setattr(draft, name, filled[name])
    texts = {name: filled[name] for name in CONSENT_COLUMNS}
    set_consent_text(draft, texts, sensitive=bool(contents.consent["sensitive"]))


def write_template(stage: Stage, text: Text) -> None:
    """Write the text; a changed one loses its template code, as the vendor approved the earlier text."""
    place: dict[str, Any] = {"stage": stage, "channel": text.channel, "language": text.language}
    if not text.title and not text.body:
        MessageTemplate.objects.filter(**place).delete()
    elif not MessageTemplate.objects.filter(**place, title=text.title, body=text.body).exists():
        changed = {"title": text.title, "body": text.body, "vendor_template": ""}
        row, _made = MessageTemplate.objects.update_or_create(**place, defaults=changed)
        row.variants.all().delete()


def _write_fields(draft: DataTypeVersion, contents: Contents) -> None:
    """Write the fields; a date that a stage hangs on gets its column."""
    hung = {name for change in contents.stages for name in _dates(change.table or {})}
    tables = [dict(table) for table in contents.fields]
    kept = {item["name"]: item.get("date_slot") for item in draft.fields}
    draft.fields = [{"name": table["name"], "date_slot": kept.get(table["name"])} for table in tables]
    for place, table in enumerate(tables):
        dated = (table.pop("dated", False) or table["name"] in hung) and is_dated(table["type"])
        slot = date_slot(draft, table["name"]) if dated else None
        draft.fields[place]["date_slot"] = slot
        table |= {"date_slot": slot} if slot else {}
    draft.fields = [item.to_json() for item in read_fields(draft, tables)]
    draft.save(update_fields=["fields"])


def _dates(table: Mapping[str, Any]) -> set[str]:
    return {table.get("field", ""), table.get("expires", {}).get("field", "")}


def _write_stages(draft: DataTypeVersion, changes: Sequence[StageChange]) -> list[Stage]:
    """Write the stages; return those whose messages are to be suggested."""
    fields, fresh, bad = fields_from_json(draft.fields), [], []
    draft.stages.filter(pk__in=[change.pk for change in changes if change.table is None]).delete()
    last: int = draft.stages.aggregate(last=Max("position"))["last"] or 0
    for number, change in enumerate(changes, start=1):
        if change.table is None:
            continue
        try:
            spec = read_stage(draft, change.table)
        except BadPart as refused:
            bad += [f"{change.table['label']['ko']}: {message}" for message in refused.messages]
            continue
        if draft.stages.filter(code=spec.code).exclude(pk=change.pk).exists():
            bad.append(_("There is a stage with the code %(code)s already.") % {"code": spec.code})
            continue
        columns = columns_of(spec, fields, urgent=draft.urgent)
        if not draft.stages.filter(pk=change.pk).update(**columns):
            fresh.append(Stage.objects.create(version=draft, position=last + number, **columns))
        elif change.suggest:
            fresh.append(draft.stages.get(pk=change.pk))
    if bad:
        raise BadPart(bad)
    return fresh
