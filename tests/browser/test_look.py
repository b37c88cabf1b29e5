"""What every page is looked at for is found."""

from typing import Any

from tests.browser.look import assert_good, raw_forms
from tests.support.accessibility import measured, violations


def test_days_amounts_and_numbers_have_one_form(phone: Any) -> None:
    ours = "2026. 3. 14.(토) 오후 2:00, 32,000원, KRW 32,000, 010-****-1234, 02-0000-0000, 접수번호 2026-0001, 2026년"
    phone.set_content(f"<p>{ours} 예: 010-0000-1234</p><input value='010-0000-0001'>")
    assert raw_forms(phone) == []
    for raw in (
        "2026-03-14",
        "32000원",
        "1,200, 32000 won",
        "KRW 32000",
        "010-0000-0001",
        "01000000001",
        "+821000000001",
    ):
        phone.set_content(f"<main><p>{ours} {raw}</p></main>")
        assert len(raw_forms(phone)) == 1, raw


def test_a_page_with_a_raw_day_is_not_good(phone: Any) -> None:
    phone.set_content("<main><h1>2026-03-14</h1></main>")
    try:
        assert_good(phone, "raw")
    except AssertionError as refused:
        assert "2026-03-14" in str(refused)
    else:
        raise AssertionError("not seen")


def test_a_dot_that_begins_a_line_and_a_number_on_two_are_not_good(phone: Any) -> None:
    dots = [f"<p style='width: {each}px'>at <span class=date>10:10 am</span> · today</p>" for each in range(60, 160, 2)]
    numbers = [f"<p style='width: {each}px'>call 1577-1120</p>" for each in range(50, 120, 5)]
    for lines, words in ((dots, "begins a line: ['at 10:10 am · today'"), (numbers, "on two lines: ['1577-1120'")):
        phone.set_content(f"<html lang=en><main><h1>1</h1>{''.join(lines)}</main>")
        try:
            assert_good(phone, "broken", checked=())
        except AssertionError as refused:
            assert words in str(refused)
        else:
            raise AssertionError("not seen")


def test_a_page_on_which_a_full_stop_begins_a_line_is_not_good(phone: Any) -> None:
    lines = [f"<p style='width: {each}px'>at <span class=date>10:10 am</span>.</p>" for each in range(60, 160, 2)]
    style = "<style>.date { display: inline-block }</style>"
    phone.set_content(f"<html lang=en><head>{style}</head><main><h1>1</h1>{''.join(lines)}</main>")
    try:
        assert_good(phone, "alone", checked=())
    except AssertionError as refused:
        assert "punctuation begins a line: ['at 10:10 am.'" in str(refused)
    else:
        raise AssertionError("not seen")


DRAWING = """<html lang=ko><head><title>t</title><style>
    p { color: #222; position: relative; z-index: 1 }
    .pale p { color: #999 } .pale .large { font-size: 30px; color: #777 }
    .over i { position: absolute; top: 0; left: 0; width: 100%; height: 100%; background: #444 }
    .other .more { display: block } .more { display: none } .small a { padding: 0 }
    a { padding: 9px; color: #00a }
</style></head><body><main><h1>1</h1><p>one</p><p class=large>two</p><i></i><div class=more><img src=#></div>
<nav><a href=#>1</a><a href=#>2</a></nav></main></body></html>"""


def test_what_passed_once_is_asked_again_where_the_display_makes_it_another_thing(phone: Any) -> None:
    phone.set_content(DRAWING)
    assert violations(phone) == []
    for choice, rules in {
        "": set(),
        "pale": {"color-contrast"},
        "over": {"color-contrast"},
        "other": {"image-alt"},
        "small": {"target-size"},
        "size-150": set(),
    }.items():
        _, structure = measured(phone, "choice => document.body.className = choice", choice)
        assert {rule for rule, *_ in violations(phone, structure=structure)} == rules, choice
        assert {rule for rule, *_ in violations(phone, anew=True)} == rules, f"{choice}, with no memory"
    phone.evaluate("document.querySelector('p').outerHTML = '<button></button>'")
    assert {rule for rule, *_ in violations(phone)} == {"button-name"}


def test_what_one_of_two_checks_has_passed_says_nothing_of_what_neither_passes(phone: Any) -> None:
    """A link in a sentence is known by its line or by its colour, a target by its size or by what is far from it."""
    style = """p { color: #222 } a { color: #333 } .bare .one { text-decoration: none }
        li, nav a { display: block } nav a { height: 30px } .thin .two { height: 9px }"""
    links = "<p>Read <a href=#>this</a> and <a href=# class=one>that</a> at once.</p>"
    targets = "<nav><a href=#>1</a><a href=# class=two>2</a><a href=#>3</a></nav>"
    head = f"<head><title>t</title><style>{style}</style></head>"
    phone.set_content(f"<html lang=en>{head}<body><main><h1>1</h1>{links}{targets}</main></body></html>")
    for choice, rules in {"": set(), "bare": {"link-in-text-block"}, "thin": {"target-size"}, "none": set()}.items():
        phone.evaluate("choice => document.body.className = choice", choice)
        found = violations(phone)
        assert {rule for rule, *_ in found} == rules, choice
        assert [len(nodes) for _, _, *nodes in found] == [1] * len(rules), "one of them alone"
