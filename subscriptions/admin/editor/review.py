"""One page for the approver: every message as it is sent, in both languages, and what differs from what is live."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from secretary.kernel.backoffice import ReasonForm
from secretary.kernel.time.clock import now
from subscriptions.accounts.approvers import why_not_approve
from subscriptions.admin.editor.differences import Difference, differences, marked
from subscriptions.admin.editor.overview import when_sent
from subscriptions.admin.editor.page import APPROVE, Page
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES, words_of_problems
from subscriptions.admin.editor.steps import decision_form
from subscriptions.admin.editor.templates import draw
from subscriptions.data_types.checks import missing_news
from subscriptions.data_types.drafts import Place, copied_consent, speaks_of_another, unchanged_copies
from subscriptions.data_types.publish import authors_of
from subscriptions.data_types.version_mapping import problems_of
from subscriptions.message_templates import Preview
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.specs import CHANNELS, LANGUAGES, fields_from_json


@dataclass(frozen=True, slots=True)
class Text:
    """One text, which several channels may share. `change`: new, changed or same, against the live version."""

    channels: str
    preview: Preview
    change: str
    change_words: str
    before: SafeString | None  # the live template and this one, with marks, where it has changed
    after: SafeString | None
    is_copy: bool  # word for word that of the data type from which this one was copied
    names: bool  # … and it names that one or its agency


@dataclass(frozen=True, slots=True)
class StageTexts:
    stage: Stage
    when: str
    sides: list[tuple[Any, list[Text]]]  # a language and its texts


def show_review(page: Page) -> HttpResponse:
    version, live = page.version, page.version.data_type.live_version
    other = live if live is not None and live.pk != version.pk else None
    found = list(differences(other, version)) if other else []
    stages, copies = _stages(version), unchanged_copies(version)
    return page.show(
        "review.html",
        _("Read every message"),
        live=other,
        changes=[item for item in found if "template" not in item.path],
        removed=_removed(found, version),
        stages=[_texts(stage, _known(other), copies) for stage in stages],
        problems=words_of_problems(problems_of(version), version),
        unsaid=missing_news(version),
        state_name=DataTypeVersion.STATES[version.state],
        in_review=version.state == DataTypeVersion.REVIEW,
        may_approve=page.may(APPROVE),
        why_not=why_not_approve(by=page.user, authors=authors_of(version), now=now()),
        decision=decision_form(version, seen=version.digest),
        copied=speaks_of_another(version),
        copied_consent=copied_consent(version),
        consent_names=any(copied_consent(version).values()),
        origin=version.copied_from and version.copied_from.data_type,
        reason=ReasonForm(),
    )


def _stages(version: DataTypeVersion) -> Iterable[Stage]:
    rows = version.stages.select_related("version__data_type__agency").prefetch_related("templates")
    return rows.order_by("position", "id")


def _known(live: DataTypeVersion | None) -> dict[Place, MessageTemplate]:
    """Return the live version's templates by stage, channel and language."""
    rows = MessageTemplate.objects.filter(stage__version=live).select_related("stage") if live else []
    return {(item.stage.code, item.channel, item.language): item for item in rows}


def _removed(found: list[Difference], version: DataTypeVersion) -> list[str]:
    """Return the places of the messages that the live version has and this one no longer."""
    kept = {(item.stage.code, item.channel, item.language) for item in _rows(version)}
    bodies = [item for item in found if "template" in item.path and item.path[-1] == "body"]
    gone = [item for item in bodies if _place(item.path) not in kept]
    return [item.place.rpartition(" › ")[0] for item in gone]


def _rows(version: DataTypeVersion) -> Iterable[MessageTemplate]:
    return MessageTemplate.objects.filter(stage__version=version).select_related("stage")


def _place(path: tuple[str, ...]) -> Place:
    channel, language = path[3].split()
    return path[1], channel, language


def _texts(stage: Stage, known: dict[Place, MessageTemplate], copies: dict[Place, bool]) -> StageTexts:
    rows = {(item.channel, item.language): item for item in stage.templates.all()}
    sides = []
    for language in LANGUAGES:
        groups: dict[tuple[Any, ...], list[MessageTemplate]] = {}
        for channel in CHANNELS:
            if row := rows.get((channel, language)):
                before = known.get((stage.code, channel, language))
                copy = copies.get((stage.code, channel, language))
                key = (row.title, row.body, before and (before.title, before.body), copy)
                groups.setdefault(key, []).append(row)
        sides.append((LANGUAGE_NAMES[language], [_text(stage, group, known, copies) for group in groups.values()]))
    return StageTexts(stage, when_sent(stage, fields_from_json(stage.version.fields)), sides)


def _text(
    stage: Stage, group: list[MessageTemplate], known: dict[Place, MessageTemplate], copies: dict[Place, bool]
) -> Text:
    """Return one text with its strictest channel's preview."""
    row = group[0]
    shown = [draw(stage, item.channel, item.language, title=item.title, body=item.body) for item in group]
    worst = max(shown, key=lambda item: len(item.problems))
    before = known.get((stage.code, row.channel, row.language))
    if before is None:
        change, old, new = "new", None, None
    elif (before.title, before.body) == (row.title, row.body):
        change, old, new = "same", None, None
    else:
        change = "changed"
        old, new = marked(f"{before.title}\n{before.body}".strip(), f"{row.title}\n{row.body}".strip())
    words = {"new": _("new"), "changed": _("changed"), "same": _("as it is live now")} if known else {}
    channels = ", ".join(str(CHANNEL_NAMES[item.channel]) for item in group)
    copy = copies.get((stage.code, row.channel, row.language))
    return Text(channels, worst, change, words.get(change, ""), old, new, is_copy=copy is not None, names=bool(copy))
