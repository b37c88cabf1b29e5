"""What a request has made is gone with its answer, without a search for garbage."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from django.template import backends, engines
from django.test import RequestFactory

from secretary.kernel.http.known_routes import KnownRoutes
from secretary.kernel.http.let_go import contexts_let_go


@pytest.fixture
def no_search() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.django_db
@pytest.mark.usefixtures("no_search")
def test_a_request_has_nothing_any_more_once_its_answer_is_closed() -> None:
    request: Any = RequestFactory().get("/family/")
    response: Any = KnownRoutes().get_response(request)
    made = weakref.ref(request.htmx)
    assert request.path == "/family/" and made() is not None
    response.close()
    assert vars(request) == {} and made() is None
    assert b"<main" in response.content


class Value:
    def __str__(self) -> str:
        return "<a value>"


def shown(request: Any) -> tuple[str, weakref.ref[Value]]:
    value = Value()
    page: Any = engines["django"].from_string("{% if value %}{{ value }}{% endif %}{{ request.path }}")
    return page.render({"value": value}, request), weakref.ref(value)


@pytest.mark.usefixtures("no_search")
def test_what_a_page_was_given_goes_with_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    backend: Any = backends.django
    monkeypatch.setattr(backend, "make_context", backend.make_context)
    request = RequestFactory().get("/family/")
    contexts_let_go()
    contexts_let_go()  # as in a process that begins twice
    text, value = shown(request)
    assert text == "&lt;a value&gt;/family/" and value() is None
    assert shown(None)[0] == "&lt;a value&gt;"
