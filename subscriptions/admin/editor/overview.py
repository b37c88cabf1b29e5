"""Show the page of one version: its content, missing parts, and the possible next steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from secretary.kernel.language import as_language
from secretary.kernel.time.clock import now
from subscriptions.accounts.approvers import why_not_approve
from subscriptions.admin.editor.fields import TYPE_NAMES
from subscriptions.admin.editor.page import APPROVE, CHANGE, Page
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES, words_of_problems
from subscriptions.data_types.checks import missing_news
from subscriptions.data_types.publish import authors_of
from subscriptions.data_types.version_mapping import channels_of, problems_of
from subscriptions.data_types.version_parts import stage_spec
from subscriptions.message_templates import BadPlaceholder, Problem, TooMany, check_template, variants
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.specs import CHANNELS, CONSENT_COLUMNS, LANGUAGES, FieldSpec, StageSpec, fields_from_json
from subscriptions.triggers import TRIGGERS


@dataclass(frozen=True, slots=True)
class Cell:
    """One template in the matrix. `state`: good, bad (it has problems), missing."""

    channel: str
    channel_name: Any
    language: str
    language_name: Any
    state: str
    url: str
    waits_for_code: bool


@dataclass(frozen=True, slots=True)
class StageRow:
    stage: Stage
    when: str
    cells: list[Cell]
    edit_url: str
    delete_url: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    spec: FieldSpec
    type_name: str
    edit_url: str
    delete_url: str


def overview(page: Page) -> HttpResponse:
    version = page.version
    used, is_open = channels_of(version), version.state in (DataTypeVersion.DRAFT, DataTypeVersion.REVIEW)
    return page.show(
        "version.html",
        str(version.name_ko),
        state_name=DataTypeVersion.STATES[version.state],
        problems=words_of_problems(problems_of(version), version) if is_open else [],
        unsaid=missing_news(version) if version.state != DataTypeVersion.RETIRED else [],
        fields=[_field_row(page, spec) for spec in fields_from_json(version.fields)],
        stages=_stage_rows(page),
        channels=[(code, CHANNEL_NAMES[code]) for code in CHANNELS],
        languages=[LANGUAGE_NAMES[language] for language in LANGUAGES],
        unused=[CHANNEL_NAMES[code] for code in CHANNELS if code not in used] if used else [],
        consent=[(part, getattr(version.consent_text, part)) for part in CONSENT_COLUMNS],
        others=[(item, DataTypeVersion.STATES[item.state]) for item in _other_versions(version)],
        why_not=why_not_approve(by=page.user, authors=authors_of(version), now=now()),
        may_approve=page.may(APPROVE),
        may_stop=page.may(APPROVE) or page.may(CHANGE),
        contact=_contact(version),
    )


def _contact(version: DataTypeVersion) -> list[tuple[Any, str, str]]:
    """Return the agency's texts that citizens read, or will read: label, text, and the live version's text where it
    differs."""
    live = version.data_type.live_version
    own = version.contact() if version.state != DataTypeVersion.DRAFT else version.data_type.agency.contact()
    before = live.contact() if live else own
    labels = {name: label_for_field(name, DataTypeVersion) for name in own}
    return [(labels[name], text, before[name] if before[name] != text else "") for name, text in own.items()]


def _other_versions(version: DataTypeVersion) -> Iterable[DataTypeVersion]:
    return version.data_type.versions.exclude(pk=version.pk).order_by("-number")


def _field_row(page: Page, spec: FieldSpec) -> FieldRow:
    return FieldRow(spec, str(TYPE_NAMES[spec.type]), page.url("field", spec.name), page.url("field_delete", spec.name))


def _stage_rows(page: Page) -> list[StageRow]:
    fields = fields_from_json(page.version.fields)
    stages = page.version.stages.prefetch_related("templates__variants")
    return [_stage_row(page, stage, fields) for stage in stages.order_by("position", "id")]


def _stage_row(page: Page, stage: Stage, fields: tuple[FieldSpec, ...]) -> StageRow:
    templates = {(item.channel, item.language): item for item in stage.templates.all()}
    spec = stage_spec(stage)
    cells = [
        _cell(page, stage, templates.get((channel, language)), channel, language, fields, spec)
        for channel in CHANNELS
        for language in LANGUAGES
    ]
    return StageRow(
        stage, when_sent(stage, fields), cells, page.url("stage", stage.pk), page.url("stage_delete", stage.pk)
    )


def _cell(
    page: Page,
    stage: Stage,
    template: MessageTemplate | None,
    channel: str,
    language: Any,
    fields: tuple[FieldSpec, ...],
    spec: StageSpec | None,
) -> Cell:
    state = "missing"
    if template is not None:
        bad = _problems(template, fields, spec, sensitive=stage.version.sensitive)
        state = "bad" if bad else "good"
    waits = template is not None and channel != "sms" and _waits(template, fields, spec)
    url = page.url("template", stage.pk, channel, language)
    return Cell(channel, CHANNEL_NAMES[channel], language, LANGUAGE_NAMES[language], state, url, waits)


def _problems(
    template: MessageTemplate, fields: tuple[FieldSpec, ...], spec: StageSpec | None, *, sensitive: bool
) -> list[Problem]:
    language: Any = template.language
    return check_template(template.body, template.title, template.channel, language, fields, spec, sensitive=sensitive)


def _waits(template: MessageTemplate, fields: tuple[FieldSpec, ...], spec: StageSpec | None) -> bool:
    """Return whether a vendor's code is missing for any variant of the template."""
    try:
        found = variants(template.body, fields, spec)
    except (BadPlaceholder, TooMany):
        return True
    coded = {item.key for item in template.variants.all() if item.vendor_template}
    return not template.vendor_template or any(item.key not in coded for item in found[1:])


def when_sent(stage: Stage, fields: tuple[FieldSpec, ...]) -> str:
    """Return when the stage is sent, in words: "납부기한: 3 days before, from 09:00"."""
    if stage.trigger != "date":
        return f"{TRIGGERS[stage.trigger].label}{f': {stage.event}' if stage.event else ''}"
    days = stage.offset_days
    words = _("%(days)d days before") if days < 0 else _("%(days)d days after") if days else _("on the day")
    spoken = as_language(get_language())
    field = next((item.label.of(spoken) for item in fields if item.name == stage.field), stage.field)
    return f"{field}: {words % {'days': abs(days)}}, {stage.send_at:%H:%M}"
