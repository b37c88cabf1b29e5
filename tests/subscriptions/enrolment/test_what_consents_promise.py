"""Test that the sentence of a consent text about retention agrees with the table of removals."""

import tomllib
from pathlib import Path

import pytest

from secretary.ops.retention import KEPT
from subscriptions.models import Citizen, Consent

FOLDER = Path("subscriptions/catalogue")
TEXTS = sorted(path for path in FOLDER.glob("*.toml") if "retention" in path.read_text(encoding="utf-8"))
ERASING = ("파기합니다", "지웁니다", "삭제합니다", "erased after", "we erase", "is deleted", "until you unsubscribe")


def retentions(path: Path) -> list[str]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    places = content.get("consent", content)
    return [places[language]["retention"] for language in ("ko", "en")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_consent_promises_that_anything_is_erased_while_nothing_erases_people(path: Path) -> None:
    removed = {keep.table for keep in KEPT}
    assert not removed & {Citizen._meta.db_table, Consent._meta.db_table, "notifications_record"}
    for text in retentions(path):
        assert not [word for word in ERASING if word in text.lower()]
        assert "아직 없습니다" in text or "not erased automatically yet" in text


def test_every_consent_is_looked_at() -> None:
    assert len(TEXTS) >= 9
