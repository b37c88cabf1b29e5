"""Notices say where their check code is checked: in words, of which no phone makes a link."""

from typing import Any

from secretary.checks import SITE_IN_WORDS_CHARS
from secretary.kernel.korean.korean import Language, euc_kr_bytes
from subscriptions.data_types.load import read_catalogue
from subscriptions.message_templates import compile_lines, limits, sample_values
from subscriptions.message_templates.links import find_link
from subscriptions.message_templates.samples import sample_facts

WORDS: dict[Language, str] = {"ko": "secretary 점 example 점 kr", "en": "secretary dot example dot kr"}


def test_every_notice_says_where_its_code_is_checked(settings: Any) -> None:
    """But those by Toss, half of which have no room; the app shows who has sent them (docs/adr/0039)."""
    settings.SITE_IN_WORDS = WORDS
    _agencies, specs = read_catalogue()
    for template in (one for spec in specs for stage in spec.stages for one in stage.templates):
        assert (WORDS[template.language] in template.body) is (template.channel != "toss"), template
        assert "누리집}" not in template.body and not find_link(template.body)
        if "국민비서 누리집" in template.body:
            assert f"국민비서 누리집 {WORDS['ko']}" in template.body


def test_no_short_text_message_becomes_a_long_one_by_it(settings: Any) -> None:
    """All were billed as long ones before, without the address and with a code of eight letters."""
    settings.SITE_IN_WORDS = WORDS
    _agencies, specs = read_catalogue()
    short = limits("sms").short_bytes
    assert short is not None
    for spec in specs:
        values = {"ko": sample_values(spec.fields, "ko"), "en": sample_values(spec.fields, "en")}
        for template in (one for stage in spec.stages for one in stage.templates if one.channel == "sms"):
            lacking = {item.placeholder: "1" for item in spec.fields}
            text = compile_lines(template.body).fill(lacking | values[template.language], sample_facts(spec.fields))
            before = text.replace("-3HVC", "").replace(WORDS[template.language], "")
            assert euc_kr_bytes(before) > short, (spec.code, text)


def test_the_longest_address_that_a_start_accepts_fits_every_notice(settings: Any) -> None:
    settings.SITE_IN_WORDS = dict.fromkeys(WORDS, "w" * SITE_IN_WORDS_CHARS)
    read_catalogue()  # raises for a text that is too long for its channel
