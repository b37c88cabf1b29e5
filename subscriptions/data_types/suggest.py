"""Suggest the texts of a draft from a neutral basis, so that its author corrects sentences instead of an empty page."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from subscriptions.data_types.compose import laid_out
from subscriptions.data_types.format import read_file
from subscriptions.data_types.load import FOLDER
from subscriptions.data_types.rows import spec_of_row
from subscriptions.data_types.version_mapping import field_table
from subscriptions.message_templates.site import with_site
from subscriptions.message_templates.variants import may_lack
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage
from subscriptions.specs import LANGUAGES, FieldSpec, Words, fields_from_json

BASIS, FRAMES = FOLDER / "service" / "basis.toml", FOLDER / "service" / "frames.toml"
MOST_SHOWN: Final = 4  # fields that a suggested message lists


def suggest_templates(stage: Stage) -> list[MessageTemplate]:
    """Return unsaved templates of the stage: every channel, both languages."""
    version = stage.version
    fields = fields_from_json(version.fields)
    message = _placed(_message(stage), fields, stage)
    tables = [field_table(item) for item in version.fields]
    found = laid_out(
        message, matter=matter_of(version), fields=tables, names=_lists(fields, stage), frames=_file(FRAMES)
    )
    return [
        MessageTemplate(
            stage=stage,
            channel=channel,
            language=item["language"],
            title=item["title"],
            body=with_site(item["body"].strip(), item["language"]),
        )
        for item in found
        for channel in item["channels"]
    ]


def suggest_consent(version: DataTypeVersion) -> dict[str, str]:
    """Return all parts of a consent text. Which data: the labels of the fields."""
    basis, kept, fields = _file(BASIS)["consent"], _file(FRAMES)["retention"], fields_from_json(version.fields)
    parts = {name: Words(**basis[name]) for name in ("purpose", "refusal")}
    parts |= {"retention": Words(**kept)}
    parts["items"] = Words(*(", ".join(field.label.of(language) for field in fields) for language in LANGUAGES))
    return _named(parts, version)


def suggest_basics(version: DataTypeVersion) -> dict[str, str]:
    """Return the summary and the frequency."""
    return _named({name: Words(**words) for name, words in _file(BASIS)["basics"].items()}, version)


def matter_of(version: DataTypeVersion) -> Words:
    """Return how its messages name the data type inside a sentence."""
    return Words(version.name_ko, f"“{version.name_en}”")


def _named(parts: Mapping[str, Words], version: DataTypeVersion) -> dict[str, str]:
    matter = matter_of(version)
    return {
        f"{name}_{language}": words.of(language).replace("{matter}", matter.of(language))
        for name, words in parts.items()
        for language in LANGUAGES
    }


@cache
def _file(path: Any) -> dict[str, Any]:
    return read_file(path)


def _message(stage: Stage) -> Mapping[str, Any]:
    """Return the message for the stage's trigger: that of the frames, or of the basis."""
    common = {item["on"]: item["message"] for item in _file(FRAMES)["stages"]}
    if stage.trigger in common:
        found: Mapping[str, Any] = common[stage.trigger]
        return found
    trigger = stage.trigger if stage.trigger != "date" else "after" if stage.offset_days > 0 else "before"
    basis: Mapping[str, Any] = _file(BASIS)[trigger]
    return basis


def _placed(value: Any, fields: Iterable[FieldSpec], stage: Stage) -> Any:
    """Return the message with the stage's date, and the line of the first date that every record has."""
    listed = list(fields)
    day = next((field.placeholder for field in listed if field.name == stage.field), "")
    dates = next((field for field in _shown(listed, stage) if field.type in ("date", "datetime")), None)
    if isinstance(value, dict):
        return {key: _placed(inner, listed, stage) for key, inner in value.items()} | _dated(value, dates)
    return value.replace("{day}", day) if isinstance(value, str) else value


def _dated(value: Mapping[str, Any], field: FieldSpec | None) -> dict[str, str]:
    """Return the texts that hold the line of a date, with it or without that line."""
    found = {language: text for language, text in value.items() if isinstance(text, str) and "{dates}" in text}
    lines = {name: f"{field.label.of(name)}: #{{{field.placeholder}}}" if field else "" for name in LANGUAGES}
    return {name: found[name].replace("{dates}", lines[name]).strip() for name in LANGUAGES if name in found}


def _shown(fields: Iterable[FieldSpec], stage: Stage) -> list[FieldSpec]:
    """Return the fields that a suggested message lists: those that every record has at the stage."""
    spec = spec_of_row(stage)
    return [field for field in fields if not field.private and not may_lack(spec, field)][:MOST_SHOWN]


def _lists(fields: Iterable[FieldSpec], stage: Stage) -> dict[str, list[str]]:
    """Return the lists of fields that messages name."""
    listed = list(fields)
    shown = [field.name for field in _shown(listed, stage)]
    changing = [field.name for field in listed if field.announce_changes and not field.private]
    return {"shown": shown, "key": shown[:2], "changing": changing}
