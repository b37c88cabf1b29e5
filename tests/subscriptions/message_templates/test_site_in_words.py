"""Notices say where their check code is checked: in words, of which no phone makes a link."""

from typing import Any

from secretary.checks import SITE_IN_WORDS_CHARS
from secretary.kernel.korean.korean import Language, euc_kr_bytes
from subscriptions.data_types.format import read_data_type, read_file
from subscriptions.data_types.load import FOLDER, SERVICE_FOLDER, read_catalogue
from subscriptions.message_templates import check_template, compile_lines, limits, sample_values
from subscriptions.message_templates.links import find_link
from subscriptions.message_templates.samples import sample_facts
from subscriptions.message_templates.site import site_in_words
from subscriptions.models.data_type import OF_THE_SERVICE
from tests.support.catalogue import SPECS
from tests.support.drafts import DRAFTS

WORDS: dict[Language, str] = {"ko": "secretary 점 example 점 kr", "en": "secretary dot example dot kr"}
SERVICE = [read_data_type(read_file(FOLDER / SERVICE_FOLDER / f"{code}.toml"), code) for code in OF_THE_SERVICE]
TEMPLATES = [
    (spec, stage, template)
    for spec in (*SPECS, *SERVICE, *DRAFTS)
    for stage in spec.stages
    for template in stage.templates
]


def test_every_notice_says_where_its_code_is_checked() -> None:
    """On every channel: those that are live from the start, the service's own, and the drafts (docs/adr/0039)."""
    for spec, stage, template in TEMPLATES:
        words = site_in_words(template.language)
        assert words in template.body, (spec.code, stage.code, template)
        assert "누리집}" not in template.body and not find_link(template.body)
        if "국민비서 누리집" in template.body:
            assert f"국민비서 누리집 {words}" in template.body


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


def test_the_longest_address_that_a_start_accepts_fits_every_notice() -> None:
    """Toss's have the least room: 200 characters with the longest values."""
    assert all(len(words) <= SITE_IN_WORDS_CHARS for words in WORDS.values())
    for spec, stage, template in TEMPLATES:
        if template.channel == "toss":
            body = template.body.replace(site_in_words(template.language), "w" * SITE_IN_WORDS_CHARS)
            problems = check_template(
                body, template.title, "toss", template.language, spec.fields, stage, sensitive=spec.sensitive
            )
            assert not problems, (spec.code, stage.code, template.language, [str(problem) for problem in problems])
