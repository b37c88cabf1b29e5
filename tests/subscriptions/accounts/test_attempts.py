from datetime import timedelta
from typing import Any

import pytest

from subscriptions.accounts.attempts import TooMany, count
from subscriptions.models import Attempt
from tests.subscriptions.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {"code_tried_session": (3, 600), "code_tried_phone": (5, 3600)}


def tried(session: Any, phone: Any = "+821000000001", now: Any = NOW) -> None:
    count({"code_tried_session": session, "code_tried_phone": phone}, now=now)


def test_one_more_than_the_limit_is_refused_until_the_window_ends() -> None:
    for _ in range(3):
        tried("a")
    with pytest.raises(TooMany) as refused:
        tried("a")
    assert refused.value.until == NOW + timedelta(seconds=600)
    tried("a", now=NOW + timedelta(seconds=600))


def test_changing_the_session_does_not_help_against_the_limit_of_the_number() -> None:
    for session in "abcde":
        tried(session)
    with pytest.raises(TooMany):
        tried("f")
    tried("f", phone="+821000000002")


def test_numbers_are_kept_as_keyed_hashes_only() -> None:
    tried("a")
    assert all(b"0000001" not in bytes(row.key_hash) for row in Attempt.objects.all())
