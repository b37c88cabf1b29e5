"""Test that an HTTP error of a source is read beyond its status."""

import pytest

from notifications.sources.contract import SourceRefused, SourceUnavailable
from tests.notifications.sources.source import gateway_error
from tests.notifications.sources.test_http_pull import always, failing


@pytest.mark.parametrize(
    ("status", "code", "kind", "wait"),
    [(403, "30", SourceRefused, None), (400, "12", SourceRefused, None), (400, "22", SourceUnavailable, 3600.0)],
)
def test_an_http_error_that_holds_the_portals_envelope_says_what_the_portal_says(
    status: int, code: str, kind: type, wait: float | None
) -> None:
    failure = failing(always(gateway_error(code), status))
    assert (type(failure), failure.code) == (kind, f"result_{code}")
    assert getattr(failure, "retry_after", None) == wait


def test_an_error_page_is_read_to_its_beginning_only() -> None:
    failure = failing(always(b"<html>" + b" " * 3_000_000, 500), max_bytes=2_000)
    assert (type(failure), failure.code) == (SourceUnavailable, "http_500")
