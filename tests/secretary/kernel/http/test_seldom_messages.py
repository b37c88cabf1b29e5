"""Messages are stored and shown as by Django's own storage, and where there is none nothing is looked at for them."""

from typing import Any

import pytest
from django.contrib.messages import add_message, get_messages
from django.contrib.messages.constants import INFO
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse

from secretary.kernel.http.middleware import SeldomMessages

KINDS = (FallbackStorage, SeldomMessages)
LONG = "이 글은 쿠키 하나에 다 들어가지 않습니다. " * 200  # goes to the session


def visited(
    settings: Any, kind: type, cookies: dict[str, str], session: dict[str, Any], *texts: str, reads: bool
) -> Any:
    """Return what a page has shown, its answer's cookies and the storage."""
    settings.MESSAGE_STORAGE = f"{kind.__module__}.{kind.__name__}"
    shown: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        for text in texts:
            add_message(request, INFO, text)
        if reads:
            shown.extend(str(each) for each in get_messages(request))
        return HttpResponse()

    request: Any = HttpRequest()
    request.COOKIES, request.session = dict(cookies), session
    middleware: Any = MessageMiddleware(view)
    answer = middleware(request)
    return shown, {name: each.value for name, each in answer.cookies.items()}, request._messages


@pytest.mark.parametrize("texts", [("one",), ("one", "two"), (LONG, "short"), (LONG, LONG)])
def test_messages_are_shown_once_on_the_next_page_that_shows_some(settings: Any, texts: tuple[str, ...]) -> None:
    seen = []
    for kind in KINDS:
        session: dict[str, Any] = {}
        first = visited(settings, kind, {}, session, *texts, reads=False)
        unread = visited(settings, kind, first[1], session, reads=False)
        second = visited(settings, kind, first[1], session, reads=True)
        assert second[0] == list(texts) and first[0] == unread[0] == []
        assert visited(settings, kind, {}, session, reads=True)[0] == []
        seen.append([each[:2] for each in (first, unread, second)] + [session])
    assert seen[0] == seen[1]


def test_nothing_is_made_for_a_page_without_messages(settings: Any) -> None:
    shown, cookies, storage = visited(settings, SeldomMessages, {}, {}, reads=True)
    assert (shown, cookies) == ([], {}) and "storages" not in vars(storage)
    at_once = visited(settings, SeldomMessages, {}, {}, "now", reads=True)
    assert at_once[:2] == (["now"], {})
