"""Load the consent texts that belong to no data type: of the service itself, and of calls by an office.

Idempotent: a changed text becomes a new version.
"""

import tomllib
from pathlib import Path

from django.db import transaction

from subscriptions.enrolment.consent_texts import OFFICE_CALL, SERVICE, newest_or_new
from subscriptions.models import ConsentText
from subscriptions.specs import CONSENT_PARTS, LANGUAGES

_CATALOGUE = Path(__file__).parents[1] / "catalogue"
FILE, OFFICE_CALL_FILE = _CATALOGUE / "service_consent.toml", _CATALOGUE / "office_call_consent.toml"


@transaction.atomic
def ensure_service_consent(file: Path = FILE) -> ConsentText:
    """Return the text of the service in force, with a new version made where the file differs from the newest one."""
    return _ensure(SERVICE, file)


@transaction.atomic
def ensure_office_call_consent() -> ConsentText:
    """Return the text in force of the consent to calls by an office, made anew in the same way."""
    return _ensure(OFFICE_CALL, OFFICE_CALL_FILE)


def _ensure(code: str, file: Path) -> ConsentText:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = {f"{part}_{language}": content[language][part] for part in CONSENT_PARTS for language in LANGUAGES}
    switches = {name: bool(content[name]) for name in ("required", "sensitive")}
    return newest_or_new(code, {**texts, **switches})
