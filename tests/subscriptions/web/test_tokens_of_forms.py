"""A token under a mask of ours is one that Django's middleware accepts, and no two are the same."""

from collections import Counter
from typing import Any

from django.http import HttpRequest
from django.middleware import csrf

from subscriptions.web.context import lazy_token, masked, token

new_secret: Any = csrf._get_new_csrf_string
secret_under: Any = csrf._unmask_cipher_token  # type: ignore[attr-defined]


def test_django_finds_the_secret_under_every_mask() -> None:
    for _again in range(200):
        secret = new_secret()
        one, other = masked(secret), masked(secret)
        assert one != other
        assert secret_under(one) == secret_under(other) == secret


def test_every_letter_is_as_frequent_as_another_in_masks() -> None:
    secret = csrf.CSRF_ALLOWED_CHARS[0] * 32
    count = Counter("".join(masked(secret)[:32] for _ in range(6200)))
    assert set(count) == set(csrf.CSRF_ALLOWED_CHARS)
    assert all(abs(each - 3200) < 400 for each in count.values())  # seven standard deviations


def test_a_browser_without_a_cookie_gets_one_and_one_with_it_keeps_it() -> None:
    request = HttpRequest()
    first = token(request)
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"] is True
    assert secret_under(first) == request.META["CSRF_COOKIE"]
    known = HttpRequest()
    known.META["CSRF_COOKIE"] = request.META["CSRF_COOKIE"]
    assert "CSRF_COOKIE_NEEDS_UPDATE" not in known.META
    assert secret_under(str(lazy_token(known))) == request.META["CSRF_COOKIE"]
    assert known.META["CSRF_COOKIE_NEEDS_UPDATE"] is True
