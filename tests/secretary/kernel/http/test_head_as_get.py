"""HEAD is answered wherever GET is, at every address of the installation, with its status and no body."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.together import Cases

pytestmark = pytest.mark.django_db
SAMPLES = {"int": "1", "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}
ARGUMENT = re.compile(r"<(?:(\w+):)?\w+>")


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield ARGUMENT.sub(lambda found: SAMPLES.get(found[1] or "", "x"), path)
        else:
            yield from addresses(each, path)


def plain(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("Location", ""), answer.headers.get("Content-Type", "")


def test_head_is_answered_as_get_at_every_address() -> None:
    cases = Cases()
    for path in dict.fromkeys(addresses(get_resolver())):
        if "(?" in path or "^" in path or "admin/" in path:  # an expression; the administration: Django's own views
            continue
        with cases.case(path):
            got, head = Client().get(path), Client().head(path)
            assert plain(head) == plain(got)
            assert head.content == b""
    cases.conclude()


def test_the_server_is_given_the_length_and_no_body() -> None:
    """What Django's test client would remove by itself."""
    environ = RequestFactory().head("/verify/").environ
    begun: list[Any] = []
    application: Any = WSGIHandler()
    body = b"".join(application(environ, lambda status, headers: begun.append((status, dict(headers)))))
    [(status, headers)] = begun
    assert status == "200 OK" and body == b"" and int(headers["Content-Length"]) > 1000
