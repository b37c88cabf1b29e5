"""Find the messages of a copied data type that still are, word for word, the other's: they may speak of the other."""

from collections.abc import Iterable

from subscriptions.models import DataTypeVersion, MessageTemplate
from subscriptions.specs import CONSENT_COLUMNS

Place = tuple[str, str, str]  # stage, channel, language


def unchanged_copies(version: DataTypeVersion) -> dict[Place, bool]:
    """Return the places of the texts that are the copied version's still: whether each names the other by its name or
    its agency's. None of a version that is no copy."""
    other = version.copied_from
    if other is None:
        return {}
    theirs = {_place(row): (row.title, row.body) for row in _texts(other)}
    names = _names_of(other) - _names_of(version)
    return {
        _place(row): any(name in f"{row.title}\n{row.body}" for name in names)
        for row in _texts(version)
        if theirs.get(_place(row)) == (row.title, row.body)
    }


def copied_consent(version: DataTypeVersion) -> dict[str, bool]:
    """Return the same of the parts of the consent text, by their columns."""
    other = version.copied_from
    if other is None:
        return {}
    names, mine, theirs = _names_of(other) - _names_of(version), version.consent_text, other.consent_text
    parts = {part: getattr(mine, part) for part in CONSENT_COLUMNS}
    return {
        part: any(name in text for name in names)
        for part, text in parts.items()
        if text and text == getattr(theirs, part)
    }


def speaks_of_another(version: DataTypeVersion) -> int:
    """Return how many of its texts are unchanged copies that name the other data type or its agency."""
    return sum(unchanged_copies(version).values()) + sum(copied_consent(version).values())


def _texts(version: DataTypeVersion) -> Iterable[MessageTemplate]:
    return MessageTemplate.objects.filter(stage__version=version).select_related("stage")


def _place(row: MessageTemplate) -> Place:
    return row.stage.code, row.channel, row.language


def _names_of(version: DataTypeVersion) -> set[str]:
    """Return what the data type and its agency are called in both languages, and the agency's number."""
    agency = version.data_type.agency
    names = {version.name_ko, version.name_en, agency.name_ko, agency.name_en, agency.phone}
    return {name for name in names | set(version.contact().values()) if name}
