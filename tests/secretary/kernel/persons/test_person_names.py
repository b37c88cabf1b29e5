import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.persons.person_names import former_name_key, name_key

HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fb\u3161\ufe58\ufe63\uff0d"
APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02c8\u2018\u2019\u201b\u2032\u2035\uff07\uff40"
DOTS = ".\u00b7\u2024\u2027\u3002\u30fb\u318d\uff0e\uff65"
BLANKS = " \t\u00a0\u2003\u2009\u200b\u3000"
SIGNS = [*HYPHENS, *APOSTROPHES, *DOTS, *BLANKS, ""]
LETTERS = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "É", "Ö", "가", "똠", "王", "な"]


@pytest.mark.parametrize(
    "spellings",
    [
        ["NGUYEN THI HOA", "Nguyen Thi Hoa", "Nguyen Thi-Hoa", "nguyen thi  hoa", "ＮＧＵＹＥＮ　ＴＨＩ　ＨＯＡ"],
        ["O’Brien", "O'BRIEN", "O`Brien", "O´Brien", "OʼBrien", "Oʻbrien", "O＇Brien", "O Brien", "OBRIEN"],
        ["J.R. Kim", "JR KIM", "J․R․Kim", "j-r-kim"],
        ["까뮈 알베르", "까뮈·알베르", "까뮈ㆍ알베르", "까뮈・알베르", "까뮈-알베르"],
        ["홍길동", "홍 길동", unicodedata.normalize("NFD", "홍길동"), "홍\u200b길동"],
        ["Strauß", "STRAUSS"],
        ["ｶﾞﾘﾖ", "ガリヨ"],
    ],
)
def test_every_spelling_of_a_name_gives_one_key(spellings: Any) -> None:
    assert len({name_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "names",
    [["José", "Jose"], ["이나영", "리나영"], ["か", "が"], ["Thi Hoa", "Thi Hoan"], ["王", "玉"], ["김1", "김2"]],
)
def test_other_letters_are_another_name(names: Any) -> None:
    assert len({name_key(name) for name in names}) == len(names)


@given(st.lists(st.tuples(st.sampled_from(LETTERS), st.sampled_from(SIGNS)), min_size=1, max_size=80), st.data())
def test_case_width_and_signs_between_letters_never_count(parts: Any, data: Any) -> None:
    plain = "".join(letter for letter, _ in parts)
    spelled = "".join(
        data.draw(st.sampled_from([letter, letter.lower(), unicodedata.normalize("NFD", letter), wide(letter)])) + sign
        for letter, sign in parts
    )
    assert name_key(spelled) == name_key(plain)


def wide(letter: Any) -> Any:
    return chr(ord(letter) + 0xFEE0) if letter.isascii() else letter


@given(st.text(max_size=80))
def test_a_key_is_made_once_and_for_all(name: Any) -> None:
    assert name_key(name_key(name)) == name_key(name)


@given(st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")), min_size=1, max_size=5))
def test_the_keys_of_names_in_hangul_are_what_they_were(name: Any) -> None:
    assert name_key(name) == former_name_key(name)
