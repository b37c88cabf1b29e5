"""Korean text: cleaning, particles, bytes, and how amounts, days and people are shown."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.korean.korean import (
    NotInEucKr,
    clean_line,
    clean_text,
    euc_kr_bytes,
    format_date,
    format_datetime,
    format_span,
    format_time,
    format_won,
    has_hidden_characters,
    hidden_characters,
    masked_name,
    masked_phone,
    missing_from_euc_kr,
    particle,
    with_particle,
)
from secretary.kernel.korean.particles import PAIRS


def test_decomposed_hangul_becomes_the_same_name() -> None:
    assert clean_text(unicodedata.normalize("NFD", "홍길동")) == "홍길동"


@pytest.mark.parametrize(
    "hidden", ["\x00", "\u200b", "\u202e", "\u2066", "\ufeff", "\u3164", "\ud800", "\x1b", "\u00ad"]
)
def test_nul_zero_width_and_bidi_marks_are_dropped(hidden: Any) -> None:
    assert clean_text(f"홍{hidden}길동") == "홍길동"
    assert has_hidden_characters(f"홍{hidden}길동")
    assert hidden_characters(hidden * 2) == [f"U+{ord(hidden):04X}"]


def test_lines_end_in_newlines_and_a_line_is_one_line() -> None:
    assert clean_text("가\r\n나\u2028다\t라") == "가\n나\n다\t라"
    assert clean_line("  가\r\n나 \t 다 ") == "가 나 다"


@given(st.text())
def test_clean_text_is_done_after_one_pass(text: Any) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not has_hidden_characters(cleaned)


@pytest.mark.parametrize(
    ("word", "pair", "form"),
    [
        ("홍길동", "이/가", "이"),
        ("과태료", "을/를", "를"),
        ("신호위반", "은/는", "은"),
        ("서류", "과/와", "와"),
        ("서울", "으로/로", "로"),
        ("부산", "으로/로", "으로"),
        ("세종시", "으로/로", "로"),
        ("서울", "을/를", "을"),
        ("길동", "아/야", "아"),
        ("40,000원", "을/를", "을"),
    ],
)
def test_particle_after_hangul(word: Any, pair: Any, form: Any) -> None:
    assert particle(word, pair) == form
    assert with_particle(word, pair) == word + form


@pytest.mark.parametrize(
    ("word", "form"),
    [
        *[("1", "을"), ("2", "를"), ("3", "을"), ("4", "를"), ("5", "를"), ("6", "을"), ("7", "을"), ("8", "을")],
        *[("9", "를"), ("0", "을"), ("10", "을"), ("300", "을"), ("2,000", "을"), ("1000000000000", "를")],
    ],
)
def test_particle_after_digits_as_they_are_read(word: Any, form: Any) -> None:
    assert particle(word, "을/를") == form


@pytest.mark.parametrize(
    ("word", "form"),
    [("1", "로"), ("7", "로"), ("8", "로"), ("3", "으로"), ("6", "으로"), ("2", "로"), ("URL", "로"), ("Google", "로")],
)
def test_after_rieul_it_is_ro(word: Any, form: Any) -> None:
    assert particle(word, "으로/로") == form


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("KTX", "를"),
        ("SMS", "를"),
        ("PDF", "를"),
        ("ATM", "을"),
        ("VPN", "을"),
        ("phone", "을"),
        ("book", "을"),
        ("server", "를"),
    ],
)
def test_particle_after_latin_letters(word: Any, form: Any) -> None:
    assert particle(word, "을/를") == form


@pytest.mark.parametrize(
    ("word", "form"),
    [
        *[("3kg", "을"), ("㎏", "을"), ("5㎏", "을"), ("30km", "를"), ("12 ㎞", "를"), ("84㎡", "를"), ("9m3", "를")],
        *[
            ("10mL", "를"),
            ("2L", "를"),
            ("80dB", "을"),
            ("1,013hPa", "을"),
            ("2.5t", "을"),
            ("50Hz", "를"),
            ("20km/h", "를"),
        ],
        *[("①", "을"), ("②", "를"), ("가나의원 Ⅱ", "를"), ("제Ⅲ", "을"), ("１０", "을")],
    ],
)
def test_units_and_numbered_signs_take_the_particle_of_their_word(word: Any, form: Any) -> None:
    assert particle(word, "을/를") == form


@pytest.mark.parametrize(
    ("word", "pair", "form"),
    [
        ("2026. 5. 4.(월)", "은/는", "은"),
        ("2026. 5. 4.(월)", "으로/로", "로"),
        ("2026. 5. 4.(월) 오후 2:00", "을/를", "를"),
        ("2026. 5. 4.(월) 오후 2:30", "을/를", "을"),
    ],
)
def test_days_and_times_are_read_as_such(word: Any, pair: Any, form: Any) -> None:
    assert particle(word, pair) == form


@pytest.mark.parametrize(
    ("word", "form"),
    [
        *[("가나 Clinic", "으로"), ("가나 Lab", "으로"), ("가나 Club", "으로"), ("Web", "으로"), ("Mac", "으로")],
        *[("Hub", "로"), ("Herb", "로"), ("Bank", "로"), ("80dB", "로"), ("가나의원 Ⅱ", "로"), ("5㎏", "으로")],
    ],
)
def test_loan_words_are_read_as_korean_writes_them(word: Any, form: Any) -> None:
    assert particle(word, "으로/로") == form


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("홍길동(80)", "이"),
        ("서류(동의)", "가"),
        ("「신호위반」", "이"),
        ('"서류"', "가"),
        ("(주)", "가"),
        ("50%", "가"),
        ("", "가"),
        ("가나🙂", "가"),
        ("🙂", "이(가)"),
    ],
)
def test_brackets_are_not_read_and_closing_signs_do_not_matter(word: Any, form: Any) -> None:
    assert particle(word, "이/가") == form


@given(st.text(), st.sampled_from(sorted(PAIRS)))
def test_every_word_takes_one_of_the_two_forms_or_what_cannot_be_read_both(word: Any, pair: Any) -> None:
    consonant, vowel = pair.split("/")
    assert particle(word, pair) in (consonant, vowel, f"{consonant}({vowel})", f"({consonant[0]}){vowel}")


def test_an_unknown_particle_is_an_error() -> None:
    with pytest.raises(KeyError):
        particle("홍길동", "upper")


def test_hangul_counts_two_bytes_and_ascii_one() -> None:
    assert euc_kr_bytes("국민비서 A1\n") == 2 * 4 + 4
    assert euc_kr_bytes("") == 0


@pytest.mark.parametrize("character", ["똠", "펲", "😀", "–", "\ud800"])
def test_what_euc_kr_lacks_is_named(character: Any) -> None:
    with pytest.raises(NotInEucKr) as raised:
        euc_kr_bytes(f"가나{character}다")
    assert (raised.value.character, raised.value.position) == (character, 2)
    assert missing_from_euc_kr(f"{character}가{character}") == [character]


@given(st.text(st.characters(codec="euc-kr", exclude_characters="\u3164")))
def test_bytes_are_those_of_the_codec_or_refused(text: Any) -> None:
    if missing_from_euc_kr(text):
        with pytest.raises(NotInEucKr):
            euc_kr_bytes(text)
    else:
        assert euc_kr_bytes(text) == len(text.encode("euc-kr"))


def test_amounts() -> None:
    assert format_won(32000) == "32,000원"
    assert format_won(32000, "en") == "32,000 won"


def test_days() -> None:
    assert format_date(date(2026, 3, 14)) == "2026. 3. 14.(토)"
    assert format_date(date(2026, 3, 14), "en") == "Sat, 14 March 2026"


@pytest.mark.parametrize(
    ("utc", "ko", "en"),
    [
        (datetime(2026, 3, 14, 5, tzinfo=UTC), "2026. 3. 14.(토) 오후 2:00", "Sat, 14 March 2026, 2:00 pm"),
        (datetime(2026, 3, 13, 15, 5, tzinfo=UTC), "2026. 3. 14.(토) 오전 0:05", "Sat, 14 March 2026, 12:05 am"),
        (datetime(2026, 3, 14, 3, tzinfo=UTC), "2026. 3. 14.(토) 정오", "Sat, 14 March 2026, noon"),
        (datetime(2026, 3, 14, 3, 30, tzinfo=UTC), "2026. 3. 14.(토) 오후 12:30", "Sat, 14 March 2026, 12:30 pm"),
        (
            datetime(2026, 3, 13, 15, tzinfo=UTC),
            "2026. 3. 14.(토) 0시(자정)",
            "Sat, 14 March 2026, 00:00",
        ),
    ],
)
def test_instants_are_written_in_korean_time(utc: Any, ko: Any, en: Any) -> None:
    assert format_datetime(utc) == ko
    assert format_datetime(utc, "en") == en


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_minute_of_a_day_has_a_name_of_its_own_and_none_is_twelve_oclock(language: Any) -> None:
    first = datetime(2026, 3, 13, 15, tzinfo=UTC)
    named = [format_time(first + timedelta(minutes=minute), language) for minute in range(24 * 60)]
    assert len(set(named)) == 24 * 60
    assert not [name for name in named if "12:00" in name]
    assert (named[0], named[12 * 60]) == {"ko": ("0시(자정)", "정오"), "en": ("00:00", "noon")}[language]
    assert max(map(len, named)) == {"ko": 8, "en": 8}[language]


@pytest.mark.parametrize(("second", "notified"), [(0, ("0시(자정)", "정오")), (7, ("오전 0:00:07", "오후 12:00:07"))])
def test_with_its_seconds_twelve_sharp_is_twelve_sharp(second: Any, notified: Any) -> None:
    midnight = datetime(2026, 3, 13, 15, 0, second, tzinfo=UTC)
    assert tuple(format_time(midnight + timedelta(hours=hours), seconds=True) for hours in (0, 12)) == notified


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        format_datetime(datetime(2026, 3, 14))


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+821012341234", "010-****-1234"),
        ("010-0000-1234", "010-****-1234"),
        ("0111234567", "011-***-4567"),
        ("02-123-4567", "02-***-4567"),
        ("hello", "****"),
        ("+12025550123", "****"),
    ],
)
def test_phones_are_masked(phone: Any, masked: Any) -> None:
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        *[("홍길동", "홍*동"), ("홍길", "홍*"), ("남궁길동", "남**동"), ("홍", "홍*"), ("J. R. Smith", "J****h")],
        *[("가" * 80, "가****가"), ("สมชาย ใจดี", "ส****ดี"), ("Z\u0335e\u0301", "Z\u0335*")],
    ],
)
def test_names_are_masked(name: Any, masked: Any) -> None:
    assert masked_name(name) == masked


def test_a_span_reads_as_years_where_it_is_whole_years() -> None:
    spans = {
        1: "1일",
        180: "180일",
        365: "1년",
        366: "1년",
        367: "367일",
        731: "2년",
        1096: "3년",
        1827: "5년",
        1900: "1900일",
    }
    assert {days: format_span(days) for days in spans} == spans
    assert [format_span(days, "en") for days in (1, 30, 366, 731)] == ["1 day", "30 days", "1 year", "2 years"]
