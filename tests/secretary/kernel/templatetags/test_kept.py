"""Markup that is kept has the language and the named values, and in its places each page's own values."""

from typing import Any

import pytest
from django.template import Context, Template
from django.utils.translation import override

TEXT = (
    "{% load i18n kept %}{% kept size fill at=end.at|upper %}<p class='{{ size }}'>{% trans 'Sign out' %} {{ at }} "
    "{% csrf_token %}{{ here_path }} {{ looked.often }}</p>{% endkept %}"
)


class Looked:
    times = 0

    @property
    def often(self) -> int:
        self.times += 1
        return self.times


@pytest.fixture
def page() -> Any:
    template, looked = Template(TEXT), Looked()

    def render(**values: Any) -> str:
        usual = {"size": "100", "end": {"at": "a<b"}, "csrf_token": "token-1", "here_path": lambda: "/a/?b=1&c=2"}
        return template.render(Context(usual | {"looked": looked} | values))

    return render


def test_it_is_rendered_once_for_each_language_and_named_value(page: Any) -> None:
    with override("en"):
        assert [page(), page(), page(size="150"), page()] == [page(), page(), page(size="150"), page()]
        assert "Sign out" in page() and " 1</p>" in page() and " 2</p>" in page(size="150")
    with override("ko"):
        assert "로그아웃" in page() and " 3</p>" in page()


def test_what_is_filled_is_each_pages_own_and_escaped(page: Any) -> None:
    first, second = page(), page(end={"at": "noon"}, csrf_token="token-2", here_path="/<d>/")
    assert "A&lt;B" in first and 'value="token-1"' in first and "/a/?b=1&amp;c=2" in first
    assert "NOON" in second and 'value="token-2"' in second and "/&lt;d&gt;/" in second
    assert "token-1" not in second and "A&lt;B" not in second


def test_what_looks_like_a_place_is_text(page: Any) -> None:
    assert "csrf_token_end" in page(here_path="kept_csrf_token_end")
