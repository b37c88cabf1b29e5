from pathlib import Path

import pytest

from subscriptions.data_types.load import SERVICE_FILE, ensure_service_consent

pytestmark = pytest.mark.django_db


def test_loading_twice_makes_one_version() -> None:
    assert ensure_service_consent() == ensure_service_consent()


def test_a_changed_text_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    old = ensure_service_consent()
    changed = tmp_path / "service.toml"
    changed.write_text(
        SERVICE_FILE.read_text(encoding="utf-8").replace("본인을 확인하고", "누구신지 확인하고"), encoding="utf-8"
    )
    new = ensure_service_consent(changed)
    assert (old.number, new.number) == (1, 2)
    old.refresh_from_db()
    assert "본인을 확인하고" in old.purpose_ko
    assert new.required


def test_it_is_compared_by_what_it_says_and_not_by_a_digest_that_another_release_made() -> None:
    """All citizens would have to consent to a new version again."""
    text = ensure_service_consent()
    type(text).objects.update(digest="0" * 64)
    assert ensure_service_consent() == text
