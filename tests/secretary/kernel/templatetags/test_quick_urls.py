"""Addresses that are looked up once are those that Django's own tag writes."""

from typing import Any
from uuid import UUID

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse, set_script_prefix

PERSON = UUID(int=7)


def written(tag: str, **values: Any) -> str:
    return Template(tag).render(Context(values))


def test_each_form_of_the_tag_writes_what_reverse_returns() -> None:
    order = "ps-01a2"
    cases: list[tuple[str, dict[str, Any], str]] = [
        ('{% url "web:landing" %}', {}, reverse("web:landing")),
        ('{% url "inbox:notice" number %}', {"number": 12}, reverse("inbox:notice", args=[12])),
        ('{% url "inbox:notice" number %}', {"number": "13"}, reverse("inbox:notice", args=[13])),
        ('{% url "pay:order" order %}', {"order": order}, reverse("pay:order", args=[order])),
        ('{% url "pay:order" order %}', {"order": "other-1"}, reverse("pay:order", args=["other-1"])),
        ('{% url "year:feed" order %}', {"order": "Q_7"}, reverse("year:feed", args=["Q_7"])),
        ('{% url "year:feed" order %}', {"order": "ü 7"}, reverse("year:feed", args=["ü 7"])),
        ('{% url "officials:entry" person %}', {"person": PERSON}, reverse("officials:entry", args=[PERSON])),
        ('{% url "officials:entry" person %}', {"person": str(PERSON)}, reverse("officials:entry", args=[PERSON])),
        ("{% url route %}", {"route": "web:settings"}, reverse("web:settings")),
        ('{% url "inbox:notice" notice_id=7 %}', {}, reverse("inbox:notice", args=[7])),
        ('{% url "admin:index" %}', {}, reverse("admin:index")),
        ('{% url "web:settings" as found %}<{{ found }}>', {}, f"<{reverse('web:settings')}>"),
        ('{% url "web:nothing" as found %}<{{ found }}>', {}, "<>"),
    ]
    wrong = [
        (tag, values, found, expected)
        for tag, values, expected in cases
        for _again in range(2)
        if (found := written(tag, **values)) != expected
    ]
    assert not wrong


def test_an_unknown_route_or_argument_is_an_error_each_time() -> None:
    for _again in range(2):
        with pytest.raises(NoReverseMatch):
            written('{% url "web:nothing" %}')
        with pytest.raises(NoReverseMatch):
            written('{% url "inbox:notice" number %}', number=-1)
        with pytest.raises(NoReverseMatch):
            written('{% url "inbox:notice" number %}', number="some")
        with pytest.raises(NoReverseMatch):
            written('{% url "pay:order" order %}', order="a/b")


def test_a_site_under_another_prefix_has_addresses_of_its_own() -> None:
    here = written('{% url "web:settings" %}')
    set_script_prefix("/elsewhere/")
    try:
        assert written('{% url "web:settings" %}') == f"/elsewhere{here}"
    finally:
        set_script_prefix("/")
    assert written('{% url "web:settings" %}') == here
