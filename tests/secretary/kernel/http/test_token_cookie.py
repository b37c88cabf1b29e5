"""The cookie of the token is set as Django sets it."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware import csrf
from time_machine import TimeMachineFixture

from secretary.kernel.http.middleware import token_cookie

new_secret: Any = csrf._get_new_csrf_string


@pytest.mark.parametrize("is_secure", [False, True])
def test_the_cookie_is_set_as_django_sets_it(is_secure: bool, settings: Any, time_machine: TimeMachineFixture) -> None:
    settings.CSRF_COOKIE_SECURE = is_secure
    time_machine.move_to("2026-03-10T10:00:00+09:00", tick=False)
    for _again in range(2):
        secret = new_secret()
        theirs, ours = _answered(secret, lambda view: view), _answered(secret, token_cookie)
        assert ours.cookies.output() == theirs.cookies.output() and secret in ours.cookies.output()
        assert ours.cookies["csrf"] == theirs.cookies["csrf"] and ours.headers == theirs.headers
        time_machine.shift(1)
    ours.cookies["csrf"]["path"] = "/other/"
    assert "Path=/other/" in ours.cookies.output()
    ours.set_cookie("csrf", "another")
    assert "csrf=another" in ours.cookies.output()


def test_a_secret_that_django_may_write_in_another_way_is_left_to_it() -> None:
    for secret in ("short", "á" * 32, ";" * 32):
        request = HttpRequest()
        request.META |= {"CSRF_COOKIE": secret, "CSRF_COOKIE_NEEDS_UPDATE": True}
        assert not token_cookie(lambda _: HttpResponse())(request).cookies
        assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]
    request = HttpRequest()
    request.META |= {"CSRF_COOKIE": new_secret()}  # a page that has not looked at it
    assert not token_cookie(lambda _: HttpResponse())(request).cookies


def _answered(secret: str, around: Any) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(csrf.get_token(request))

    request = HttpRequest()
    request.COOKIES["csrf"] = secret
    middleware: Any = csrf.CsrfViewMiddleware(around(view))
    response: HttpResponse = middleware(request)
    return response
