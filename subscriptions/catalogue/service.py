"""Loads the consent text of the service itself. Idempotent: a changed text becomes a new version."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from subscriptions.consent_texts import SERVICE
from subscriptions.models import ConsentText

FILE = Path(__file__).with_name("service_consent.toml")
PARTS = ("purpose", "items", "retention", "refusal")


@transaction.atomic
def ensure_service_consent(file: Path = FILE) -> ConsentText:
    """Return the text in force, made a new version when the file says something else than the newest one."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    newest = ConsentText.objects.select_for_update().filter(code=SERVICE).order_by("-number").first()
    if newest is not None and newest.digest == digest:
        return newest
    number = newest.number + 1 if newest else 1
    return ConsentText.objects.create(code=SERVICE, number=number, digest=digest, **_columns(content))


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    texts = {f"{part}_{language}": content[language][part] for part in PARTS for language in ("ko", "en")}
    return texts | {"required": bool(content["required"]), "sensitive": bool(content["sensitive"])}
