"""Describe data types as plain frozen values: fields, stages, templates and consent texts.

They come from a TOML file of the catalogue or from an administrator's form (`subscriptions.data_types.format`
reads and checks both) and are loaded into rows by `subscriptions.data_types.load`. Only `FieldSpec` is also
stored unchanged: `DataTypeVersion.fields` is a JSON list of `FieldSpec.to_json()`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any, Final

from secretary.kernel.korean.korean import Language

LANGUAGES: Final[tuple[Language, ...]] = ("ko", "en")
CHANNELS: Final = ("sms", "kakaotalk", "naver", "toss")
GROUPS: Final = ("traffic", "education", "health", "vaccination", "tax", "welfare", "defence", "other")
FIELD_TYPES: Final = ("text", "won", "int", "date", "datetime", "choice", "phone")
DATED_TYPES: Final = ("date", "datetime")
DATE_SLOTS: Final = (1, 2, 3, 4)  # the clear columns date_1 … date_4 of a record


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    ko: str
    en: str

    def of(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en


# Release 148511c reads the text for a missing value from a stored field; since then the line is left out.
_ABSENT: Final = {"ko": "-", "en": "-"}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a record. `placeholder` is its name inside `#{…}`, in templates of both languages."""

    name: str  # snake_case, the key in an agency's record
    type: str  # one of FIELD_TYPES
    placeholder: str
    label: Words
    required: bool = True
    required_for: tuple[str, ...] = ()  # events and states in which an optional field is required
    date_slot: int | None = None  # only DATED_TYPES: the clear column that stages use
    deadline: bool = False  # a legal deadline: it moves off Saturdays and public holidays (민법 §161), only dates
    announce_changes: bool = False  # a change of it is announced by the stage `changed`
    private: bool = False  # never in any template
    max_length: int = 60  # characters, only text
    choices: tuple[tuple[str, Words], ...] = ()  # code and words, only choice
    sample: str = ""  # as an agency writes it
    sample_en: str = ""  # only text: what stands for it in an English sample message

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` turns back into an equal value."""
        choices = [{"code": code, **asdict(words)} for code, words in self.choices]
        return asdict(self) | {"choices": choices, "required_for": list(self.required_for), "absent": _ABSENT}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FieldSpec":
        """Return the field written by `to_json`. Raises KeyError or TypeError for anything else."""
        choices = tuple((item["code"], Words(item["ko"], item["en"])) for item in data["choices"])
        kept = {key: value for key, value in data.items() if key != "absent"}
        required_for = tuple(data.get("required_for", ()))
        return cls(**{**kept, "label": Words(**data["label"]), "choices": choices, "required_for": required_for})


@dataclass(frozen=True, slots=True)
class Expiry:
    """The time after which a notice is too late: the KST day `field + days`, or (`at_event`) the instant itself."""

    field: str
    days: int = 0
    at_event: bool = False


@dataclass(frozen=True, slots=True)
class MessageTemplateSpec:
    """The text on one channel in one language."""

    channel: str
    language: Language
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A moment in a record's life at which its citizen is notified."""

    code: str  # ≤ 30
    label: Words
    on: str  # a trigger: subscriptions/triggers.py
    event: str = ""  # for on = "event"
    field: str = ""  # for on = "date": the KST day is field + days, and not before `at`
    days: int = 0
    at: time = time(9)
    states: tuple[str, ...] = ("open",)  # record states in which a date stage is still true
    urgent: bool | None = None  # None: as the data type
    told_only: bool = False
    expires: Expiry | None = None  # None: 7 days after the notice was made
    templates: tuple[MessageTemplateSpec, ...] = ()


REACH: Final = ("reach_hours", "reach_channels")
MOST_REACH_HOURS: Final = 720
CONSENT_PARTS: Final = ("purpose", "items", "retention", "refusal")
CONSENT_COLUMNS: Final = tuple(f"{part}_{language}" for language in LANGUAGES for part in CONSENT_PARTS)


@dataclass(frozen=True, slots=True)
class ConsentSpec:
    """A consent text in one language (개인정보 보호법 §15②, for health data §23)."""

    language: Language
    purpose: str
    items: str
    retention: str
    refusal: str


@dataclass(frozen=True, slots=True)
class AgencySpec:
    code: str
    name: Words
    phone: str  # as citizens dial it: 1566-0112


@dataclass(frozen=True, slots=True)
class DataTypeSpec:
    """A whole data type."""

    code: str
    group: str
    order: int
    agency: str
    urgent: bool
    sensitive: bool
    payable: str  # name of a tariff, "" where nothing is paid
    name: Words
    summary: Words
    frequency: Words
    consents: tuple[ConsentSpec, ...]
    fields: tuple[FieldSpec, ...]
    stages: tuple[StageSpec, ...]
    # The rule of "tried enough" (docs/reach.md). 0: as by default.
    reach_hours: int = 0
    reach_channels: int = 0

    def digest(self) -> str:
        """Return SHA-256 (64 hex digits) of the content in any notation: equal digests, equal data types."""
        content = {name: value for name, value in asdict(self).items() if value or not name.startswith("reach_")} | {
            "fields": [self._canonical_field(item) for item in self.fields],
            "stages": [self._canonical(stage) for stage in self.stages],
        }
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def is_urgent(self, stage: StageSpec) -> bool:
        return self.urgent if stage.urgent is None else stage.urgent

    def _canonical_field(self, field: FieldSpec) -> dict[str, Any]:
        """Return the canonical form. Without an English sample it is that of releases that knew none."""
        return {name: value for name, value in asdict(field).items() if name != "sample_en" or value}

    def _canonical(self, stage: StageSpec) -> dict[str, Any]:
        """Return the canonical form, the same for a file and for the rows that were made of it."""
        templates = sorted(stage.templates, key=lambda item: (item.channel, item.language))
        return asdict(stage) | {"urgent": self.is_urgent(stage), "templates": list(map(asdict, templates))}


def fields_from_json(items: Iterable[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Return the fields of a `DataTypeVersion.fields` column."""
    return tuple(FieldSpec.from_json(item) for item in items)
