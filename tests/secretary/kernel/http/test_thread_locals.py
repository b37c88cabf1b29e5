"""What belongs to one request is its thread's, as with Django's own variables, and nothing that was set is lost."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation

from secretary.kernel.http.thread_locals import PLACES, use_thread_locals


@pytest.fixture
def plain() -> Iterator[None]:
    """The variables of a web process, until the end of the test."""
    before = [getattr(owner, name) for owner, name in PLACES]
    use_thread_locals()
    yield
    for (owner, name), value in zip(PLACES, before, strict=True):
        setattr(owner, name, value)


def in_a_thread(look: Callable[[], object]) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(look()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.usefixtures("plain")
def test_a_thread_does_not_see_what_another_one_has_chosen() -> None:
    def look() -> tuple[object, ...]:
        with translation.override("en"), timezone.override("Asia/Tokyo"):
            set_script_prefix("/other/")
            set_urlconf("payments.web.urls")
            return translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix(), get_urlconf()

    with translation.override("ko"):
        mine = translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix(), get_urlconf()
        assert in_a_thread(look) == ("en", "Asia/Tokyo", "/other/", "payments.web.urls")
        now = translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix(), get_urlconf()
        assert now == mine and mine[:3] == ("ko", "Asia/Seoul", "/")


@pytest.mark.usefixtures("plain")
def test_each_thread_has_a_connection_of_its_own() -> None:
    mine = connections["default"]
    assert mine is connections["default"]
    assert in_a_thread(lambda: connections["default"]) is not mine


@pytest.mark.django_db
def test_what_was_set_before_stays_set() -> None:
    before = [getattr(owner, name) for owner, name in PLACES]
    mine = connections["default"]
    with translation.override("en"):
        use_thread_locals()
        try:
            assert translation.get_language() == "en"
            assert connections["default"] is mine and connection.in_atomic_block
        finally:
            for (owner, name), value in zip(PLACES, before, strict=True):
                setattr(owner, name, value)
