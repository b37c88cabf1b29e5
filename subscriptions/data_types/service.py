"""Load the consent text of the service itself. Idempotent: a changed text becomes a new version."""

import tomllib
from pathlib import Path

from django.db import transaction

from subscriptions.enrolment.consent_texts import SERVICE, newest_or_new
from subscriptions.models import ConsentText
from subscriptions.specs import CONSENT_PARTS, LANGUAGES

FILE = Path(__file__).parents[1] / "catalogue" / "service_consent.toml"


@transaction.atomic
def ensure_service_consent(file: Path = FILE) -> ConsentText:
    """Return the text in force, with a new version made where the file differs from the newest one."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = {f"{part}_{language}": content[language][part] for part in CONSENT_PARTS for language in LANGUAGES}
    switches = {name: bool(content[name]) for name in ("required", "sensitive")}
    return newest_or_new(SERVICE, {**texts, **switches})
