"""A receipt draws every letter that a name, place or office may have, or names what it cannot draw. Never a box."""

from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from payments.web.receipts.receipt_font import FONT, OTHER, drawable, drawable_name, runs, use_fonts
from payments.web.receipts.receipt_pdf import _write
from secretary.kernel.korean.korean import clean_line
from subscriptions.models import Citizen, DataType
from tests.payments.web.conftest import Visitor
from tests.payments.web.pdf_text import pieces, text_of

AS_ON_THE_PAGE = (
    "서울○○경찰서",
    "20㎞/h 초과 ㎏ ㎡ ℃ Ⅱ ①",
    "洪吉東 가나醫院",
    "NGUYỄN VĂN MẪU",
    "José Ñandú Łukasz Đặng",
    "Владимир Їжак",
    "Ελένη",
    "Արմեն გიორგი",
    "똠방각하 홍길믜",
    "가나로 – 2층 “다” • …",
    "さとう ハナコ",
)


def drawn(*lines: str) -> bytes:
    written = BytesIO()
    use_fonts()
    canvas = Canvas(written, initialFontName=FONT)  # type: ignore[arg-type]  # stubs err
    for line in lines:
        _write(canvas, 50, 700, line, 12)
    canvas.save()
    return written.getvalue()


def missing_glyphs(pdf: bytes) -> set[str]:
    """Characters that are shown in a font that has no glyph for them."""
    glyphs = {name: pdfmetrics.getFont(name).face.charToGlyph for name in (FONT, OTHER)}  # type: ignore[attr-defined]
    return {
        character
        for piece in pieces(pdf)
        for character in piece.text
        if not glyphs[piece.font.removesuffix("-Regular")].get(ord(character))
    }


@pytest.mark.parametrize("text", AS_ON_THE_PAGE)
def test_it_is_drawn_as_the_page_shows_it(text: Any) -> None:
    pdf = drawn(drawable(text, "ko"))
    assert text_of(pdf) == text
    assert not missing_glyphs(pdf)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("张伟", "장위"),
        ("สมชาย", "고객(이름을 표시할 수 없음)"),
        ("𝐊im", "Kim"),
        ("김\U00020bb7", "김(표시할 수 없는 글자)"),
    ],
)
def test_a_letter_that_no_font_has_is_found_before_it_is_drawn(name: Any, written: Any) -> None:
    pdf = drawn(drawable_name(name, "ko"))
    assert text_of(pdf) == written
    assert not missing_glyphs(pdf)


@pytest.mark.parametrize(
    ("name", "fonts"),
    [
        ("Đặng Văn Lâm", [OTHER]),
        ("Владимир Їжак", [OTHER]),
        ("J. R. Smith, O'Brien-Müller", [FONT]),
        ("J. R. Smith-Nguyễn", [OTHER]),
        ("홍길동 Đặng Lâm 12", [FONT, OTHER, FONT]),
        ("Jose Smith 洪吉東", [FONT]),
    ],
)
def test_the_foreign_words_of_a_name_are_drawn_in_one_font(name: Any, fonts: Any) -> None:
    words = [font for font, piece in runs(name) if piece.strip()]
    assert [font for font, _ in groupby(words)] == fonts


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from(["ko", "en"]))
def test_no_text_whatever_has_a_box_in_it(text: Any, language: Any) -> None:
    for words in (drawable(text, language), drawable_name(text, language)):
        pdf = drawn(words)
        assert text_of(pdf) == words
        assert not missing_glyphs(pdf)


def test_every_syllable_and_every_character_of_text_messages_is_drawn_as_it_is() -> None:
    """All 11,172 syllables, and KS X 1001 with its 4,888 hanja."""
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4)))
    table = bytes(byte for row in range(0xA1, 0xFE) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    signs = "".join(one for one in table.decode("euc-kr", "ignore") if one not in "\u3164\u3000\xad")
    for text in (syllables, signs):
        assert clean_line(drawable(text, "ko")) == clean_line(text)
    assert not missing_glyphs(drawn(syllables[:3000], signs[:6000]))


def test_all_words_of_ours_can_be_drawn() -> None:
    """Labels are translated; names of agencies and types come from the catalogue."""
    sources = [Path("locale/ko/LC_MESSAGES/django.po"), *Path("subscriptions/catalogue").glob("*.toml")]
    shown = {character for file in sources for character in file.read_text(encoding="utf-8")} - {"\n", " "}
    assert "".join(sorted(shown)) == drawable("".join(sorted(shown)), "ko")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "drawn_as"),
    [
        ("NGUYỄN 洪吉東 믜", "NGUYỄN 洪吉東 믜"),
        ("花郎 Ælfgifu Łukasz", "花\uf92c Ælfgifu Łukasz"),
        ("张伟", "장위"),
        ("สมชาย", "고객(이름을 표시할 수 없음)"),
        ("Maximiliana " + "Wolfeschlegelsteinhausen" * 2, "Maximiliana" + "Wolfeschlegelsteinhausen" * 2),
    ],
)
def test_the_receipt_of_an_office_and_a_person_with_such_letters(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, name: Any, drawn_as: Any
) -> None:
    """On the page as it is; in the PDF as it is wherever that can be drawn, and in lines where it is long."""
    monkeypatch.setattr(DataType, "agency_name", lambda *_: "서울○○경찰서")  # an approved version has it for good
    receipt = f"/pay/orders/{visitor.pay().order_id}/receipt"
    citizen = Citizen.objects.get()
    citizen.name = name
    citizen.save()
    assert name in visitor.text(f"{receipt}/") and "서울○○경찰서" in visitor.text(f"{receipt}/")
    pdf = visitor.get(f"{receipt}.pdf").content
    assert drawn_as in text_of(pdf) and "서울○○경찰서" in text_of(pdf)
    assert not missing_glyphs(pdf) and len(pdf) < 100_000
