"""What a page keeps on one line, and what it leaves as it is."""

import re

import pytest
from django.template import Context, Template
from django.utils.safestring import mark_safe

from secretary.kernel.templatetags.unbroken import unbroken, with_punctuation


def pieces(text: str) -> list[str]:
    return re.findall(r'<span class="(?:date|nowrap)">(.*?)</span>', unbroken(text))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("2026. 11. 29.(일)까지 내세요", ["2026. 11. 29.(일)"]),
        ("2026. 3. 14. 등록", ["2026. 3. 14."]),
        ("2026. 11. 29.(일) 오전 9:21", ["2026. 11. 29.(일)", "오전 9:21"]),
        ("오후 2:00:24까지", ["오후 2:00:24"]),
        ("2026. 11. 30.(월, 고지서에는 11. 28.)", ["2026. 11. 30.(월,", "고지서에는 11. 28.)"]),
        ("Mon, 30 November 2026 (bill: 28 Nov)", ["Mon, 30 November 2026", "(bill: 28 Nov)"]),
        ("since Sat, 14 March 2026, 2:05 pm", ["Sat, 14 March 2026,", "2:05 pm"]),
        ("예: 010-0000-1234", ["010-0000-1234"]),
        ("010-0000-1234처럼", ["010-0000-1234"]),
        ("문의: 도로교통공단 1577-1120입니다", ["1577-1120"]),
        ("접수번호 2026-1577-1120-0001", []),
        ("12가3456, 40,000원, 20261129-00000002", []),
        ("Pay 32,000 won by 2:05 pm", ["32,000 won", "2:05 pm"]),
    ],
)
def test_days_hours_and_telephone_numbers_are_each_kept_together(text: str, whole: list[str]) -> None:
    assert pieces(text) == whole
    assert re.sub(r"</?span[^>]*>", "", unbroken(text)) == text


def test_what_stands_around_a_day_is_escaped_once() -> None:
    page = Template("{% load unbroken %}{{ text|unbroken }}").render(Context({"text": "<b> & 2026. 3. 14.(토)"}))
    assert page == '&lt;b&gt; &amp; <span class="date">2026. 3. 14.(토)</span>'
    assert unbroken("<b> & 'no day'") == "&lt;b&gt; &amp; &#x27;no day&#x27;"


def test_markup_stays_as_it_was_written() -> None:
    written = mark_safe('<time datetime="2026. 3. 14.">14</time>')
    assert unbroken(written) == written


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("until {}. After", "{}."),
        ("(by {}), and", "{}),"),
        ("until <strong>{}</strong>: then", "{}:"),
        ("from {} on", "{}"),
        ("{}", "{}"),
    ],
)
def test_punctuation_behind_an_english_day_stays_with_it(text: str, within: str) -> None:
    day = "Sat, 14 March 2026"
    page = with_punctuation(text.format(unbroken(day)).encode()).decode()
    assert f'<span class="date">{within.format(day)}</span>' in page
    assert re.sub(r"<[^>]+>", "", page) == re.sub(r"<[^>]+>", "", text.format(day))
