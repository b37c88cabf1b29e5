"""Name a part of a version, and its value, in an administrator's words: no key of a file and no code."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from subscriptions.admin.editor.fields import TYPE_NAMES
from subscriptions.admin.editor.stages import STATE_NAMES
from subscriptions.data_types.reading import SpecProblem
from subscriptions.models import DataTypeVersion
from subscriptions.models.channel_choice import CHANNELS as CHANNEL_NAMES
from subscriptions.models.data_type import GROUPS
from subscriptions.specs import fields_from_json
from subscriptions.tariff_names import tariff_name
from subscriptions.triggers import TRIGGERS

LANGUAGE_NAMES: Final = {"ko": gettext_lazy("Korean"), "en": gettext_lazy("English")}
PARTS: Final[Mapping[str, Any]] = {
    "code": gettext_lazy("Short code"),
    "group": gettext_lazy("Group"),
    "order": gettext_lazy("Place in the list"),
    "agency": gettext_lazy("Agency"),
    "reach_hours": gettext_lazy("Reached in time: within so many hours"),
    "reach_channels": gettext_lazy("Tried enough: after so many channels"),
    "urgent": gettext_lazy("Urgent: may be sent at any hour"),
    "sensitive": gettext_lazy("sensitive"),
    "payable": gettext_lazy("tariff"),
    "name": gettext_lazy("Name"),
    "summary": gettext_lazy("Summary"),
    "frequency": gettext_lazy("How often"),
    "consent": gettext_lazy("Consent text"),
    "purpose": gettext_lazy("Purpose"),
    "items": gettext_lazy("Which data"),
    "retention": gettext_lazy("How long"),
    "refusal": gettext_lazy("Effect of refusing"),
    "fields": gettext_lazy("Fields"),
    "stages": gettext_lazy("Stages"),
    "type": gettext_lazy("Type"),
    "placeholder": gettext_lazy("Placeholder"),
    "label": gettext_lazy("Label"),
    "required": gettext_lazy("Present in every record"),
    "required_for": gettext_lazy("If not in every record: those of these events or states have it"),
    "date_slot": gettext_lazy("Reminders can be scheduled by this date"),
    "deadline": gettext_lazy("It is a legal deadline"),
    "announce_changes": gettext_lazy("When it changes, notify the people notified before"),
    "private": gettext_lazy("Private: never in any message template"),
    "max_length": gettext_lazy("Maximum characters (text only)"),
    "choices": gettext_lazy("The list (only for “One of a list”)"),
    "sample": gettext_lazy("Sample"),
    "sample_en": gettext_lazy("Sample in English (text only)"),
    "on": gettext_lazy("Trigger"),
    "event": gettext_lazy("Name of the event"),
    "field": gettext_lazy("Date of the record"),
    "days": gettext_lazy("Days after that date"),
    "at": gettext_lazy("Not before (Korean time)"),
    "states": gettext_lazy("Only while the record is"),
    "told_only": gettext_lazy("Only to people already notified of the record"),
    "expires": gettext_lazy("Expiry (too late to be sent)"),
    "template": gettext_lazy("Message templates"),
    "channels": gettext_lazy("Channel"),
    "language": gettext_lazy("Language"),
    "title": gettext_lazy("Title"),
    "body": gettext_lazy("Text"),
    "citizens read": gettext_lazy("What citizens read of the agency"),
    "agency_name_ko": gettext_lazy("agency (Korean)"),
    "agency_name_en": gettext_lazy("agency (English)"),
    "agency_phone": gettext_lazy("agency's telephone for questions"),
    "template codes": gettext_lazy("The vendor's template code"),
    **LANGUAGE_NAMES,
}


def words_of_place(path: tuple[str, ...], labels: Mapping[str, str]) -> str:
    """Return the place as "Stages › 3 days before › Text message, Korean › Text". `labels`: of fields and stages."""
    return " › ".join(_part(path[:depth], part, labels) for depth, part in enumerate(path))


def words_of_problems(problems: Sequence[SpecProblem], version: DataTypeVersion) -> list[str]:
    """Return what keeps a version from going live, each at its place as its pages call it: "3 days before, Text
    message, English: There is no message template."""
    language = get_language()
    labels = {
        f"stage {each.code}": each.label_en if language == "en" else each.label_ko for each in version.stages.all()
    }
    fields = fields_from_json(version.fields)
    labels |= {f"field {each.name}": each.label.en if language == "en" else each.label.ko for each in fields}
    return [_problem(problem, version.name_ko, labels) for problem in problems]


def _problem(problem: SpecProblem, source: str, labels: Mapping[str, str]) -> str:
    parts = [part for part in problem.where.removeprefix(source).split(", ") if part]
    place, message = ", ".join(_place(part, labels) for part in parts), _message(problem.message)
    return f"{place}: {message}" if place else message


def _message(message: str) -> str:
    """Return a problem's words, which may begin with the key of a file, with that key in words."""
    key = re.match(r"[a-z_]+(?=[: ])", message)
    return f"{PARTS[key[0]]}{message[key.end() :]}" if key and key[0] in PARTS else message


def _place(part: str, labels: Mapping[str, str]) -> str:
    """Return one part of a problem's place: of a stage or a field its label, of a message template its two names."""
    if part in labels:
        return labels[part]
    channel, _blank, language = part.partition(" ")
    if channel in CHANNEL_NAMES and language in LANGUAGE_NAMES:
        return f"{CHANNEL_NAMES[channel]}, {LANGUAGE_NAMES[language]}"
    return str(PARTS.get(part, part))


def words_of_value(path: tuple[str, ...], value: str) -> str:
    """Return a value in words, where it is a code of ours; any other as it is."""
    if value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    if path[-1] == "payable":
        return tariff_name(value)
    tables: dict[str, Mapping[str, Any]] = {
        "type": TYPE_NAMES,
        "on": {code: trigger.label for code, trigger in TRIGGERS.items()},
        "group": GROUPS,
        "language": LANGUAGE_NAMES,
        "channels": CHANNEL_NAMES,
        "states": STATE_NAMES,
    }
    named = tables.get(path[-1], {})
    return ", ".join(str(named.get(part, part)) for part in value.split(", ")) if named else value


def _part(before: tuple[str, ...], part: str, labels: Mapping[str, str]) -> str:
    if before[:1] == ("template codes",):
        stage, channel, language = part.split()
        return f"{labels.get(f'stages {stage}', stage)}, {CHANNEL_NAMES[channel]}, {LANGUAGE_NAMES[language]}"
    if before[-1:] == ("template",):
        channel, language = part.split()
        return f"{CHANNEL_NAMES[channel]}, {LANGUAGE_NAMES[language]}"
    if before in (("fields",), ("stages",)):
        return labels.get(f"{before[0]} {part}", part)
    return str(PARTS.get(part, part))
