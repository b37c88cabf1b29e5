"""Particles after what is no plain Hangul word: as it is read aloud."""

import unicodedata
from typing import Any

import pytest

from secretary.kernel.korean.hanja import as_initial, reading
from secretary.kernel.korean.particles import PAIRS, particle
from tests.support.together import in_one_test

READ = {
    # hanja, by their reading
    **dict.fromkeys(("가나醫院", "東大門驛", "洪吉東", "서울特別市廳", "李信"), "을"),
    **dict.fromkeys(("가나大學校", "小兒科", "齒科", "가나洞事務所", "张伟"), "를"),
    # units and what is read beside numbers
    **dict.fromkeys(("3kg", "3㎏", "5mg", "100px", "80㏈", "120mmol", "5min", "80bpm", "33ppm"), "을"),
    **dict.fromkeys(("30km²", "84㎡", "120mg/dL", "60㎞/h", "20m/s", "30kWh", "100GB", "50cc", "5ft", "5G"), "를"),
    **dict.fromkeys(("5%", "36.5℃", "30°", "1+", "5$", "100€"), "를"),
    **dict.fromkeys(("5‰", "₩", "5￥"), "을"),
    # numbers
    **dict.fromkeys(("1,000", "10,000", "2.50", "0.3", "010-0000-0000", "1588-0000", "02-000-0007"), "을"),
    **dict.fromkeys(
        ("1,234", "2.5", "010-0000-1234", "A4", "COVID-19", "12:00", "오전 9:00", "0시(자정)", "정오"), "를"
    ),
    **dict.fromkeys(("9:30", "2026. 3. 14.", "2026-03-14", "Ⅲ", "ⅲ", "III", "①"), "을"),
    **dict.fromkeys(("Ⅱ", "ⅱ", "II", "IV", "②", "ⓒ"), "를"),
    # letter by letter, and words
    **dict.fromkeys(("KT", "LG", "SK", "MRI", "CCTV", "GS25", "LH", "KTX", "KBS", "SC"), "를"),
    **dict.fromkeys(("SM", "URL", "HTML", "VPN", "ATM"), "을"),
    **dict.fromkeys(
        ("KORAIL", "SAMSUNG", "HOSPITAL", "가나 Clinic", "가나 Lab", "NGUYEN VAN LONG", "TRAN THI ANH"), "을"
    ),
    **dict.fromkeys(
        ("TOWER", "NAVER", "POSCO", "가나 Center", "가나 Street", "가나 Hub", "가나 Plus", "Café", "José"), "를"
    ),
    **dict.fromkeys(("Đặng", "NGUYỄN"), "을"),
    # brackets, quotes, emoji
    **dict.fromkeys(("“총수량”(비고)", "『총』", "총(가(나))", "총【비고】", "총🙂", "총…", "총}"), "을"),
    **dict.fromkeys(("가나㈜", "(비고)", "〔가〕", "가나!?"), "를"),
    # Korean letters and kana
    **dict.fromkeys(("ㄱ", "ㄹ", "㉠", "ケン"), "을"),
    **dict.fromkeys(("ㅏ", "㉮", "さとうハナコ", "センター"), "를"),
    # what cannot be read: both
    **dict.fromkeys(("สมชาย", "Владимир", "Ελένη", "🙂", "…"), "을(를)"),
}


@in_one_test(("word", "form"), READ.items())
def test_the_particle_goes_with_what_is_read(word: Any, form: Any) -> None:
    assert particle(word, "을/를") == form


@pytest.mark.parametrize(
    ("word", "form"), [("서울驛", "으로"), ("一", "로"), ("가나路", "로"), ("100px", "로"), ("Владимир", "(으)로")]
)
def test_after_rieul_and_after_what_is_not_read_it_is_ro(word: Any, form: Any) -> None:
    assert particle(word, "으로/로") == form


def test_both_forms_are_written_as_korean_writes_them() -> None:
    both = {pair: particle("🙂", pair) for pair in sorted(PAIRS)}
    assert both["이/가"] == "이(가)" and both["은/는"] == "은(는)" and both["이라고/라고"] == "(이)라고"
    assert all(form in (f"{a}({b})", f"({a[: len(a) - len(b)]}){b}") for (a, b), form in (
        (pair.split("/"), form) for pair, form in both.items()
    ))  # fmt: skip


def test_every_hanja_of_text_messages_has_a_reading() -> None:
    """KS X 1001 has 4,888, each under one reading."""
    hanja = bytes(byte for row in range(0xCA, 0xFE) for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode(
        "euc-kr"
    )

    assert len(hanja) == 4888
    assert [one for one in unicodedata.normalize("NFC", hanja) if not "가" <= reading(one) <= "힣"] == []


@pytest.mark.parametrize(
    ("read", "written"), [("리", "이"), ("녀", "여"), ("로", "노"), ("량", "양"), ("남", "남"), ("강", "강")]
)
def test_a_reading_at_the_beginning_of_a_word(read: Any, written: Any) -> None:
    assert as_initial(read) == written
