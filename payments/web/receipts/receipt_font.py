"""Find the letters of a receipt: in two fonts of our own, and a substitute where neither has a character.

Secretary Gothic has Hangul, Latin, the hanja and signs of KS X 1001; Secretary Sans has letters with marks, Cyrillic,
Greek, Armenian, Georgian and more signs (docs/adr/0012). A character that neither has is found before it is drawn.
"""

import re
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from secretary.kernel.korean.korean import Language, clean_line, is_plain_line
from secretary.kernel.korean.letters import readable, readable_name

FONT: Final = "SecretaryGothic"
OTHER: Final = "SecretarySans"
_WORDS: Final = re.compile(r" +|[^ ]+")


@cache
def use_fonts() -> None:
    """Read once per process. Raises where a file is missing or no font."""
    for name in (FONT, OTHER):
        pdfmetrics.registerFont(TTFont(name, Path(__file__).with_name("fonts") / f"{name}-Regular.ttf"))


def drawable(text: str, language: Language) -> str:
    """`text` in characters that are all in our fonts: as it stands, or in letters that read alike
    (`letters.readable`)."""
    return text if is_plain_line(text) else readable(clean_line(text), _drawn, language)


def drawable_name(name: str, language: Language) -> str:
    return name if is_plain_line(name) else readable_name(clean_line(name), _drawn, language)


def runs(text: str) -> list[tuple[str, str]]:
    """Fonts and pieces in turn. A word keeps to one font where one has all of it; so do the foreign words of a name."""
    beside = "" if all(_has(FONT, one) for one in text) else OTHER
    fonts = [font for word in _WORDS.findall(text) for font in _fonts_of(word, beside)]
    pairs = groupby(zip(fonts, text, strict=True), key=itemgetter(0))
    return [(font, "".join(character for _, character in some)) for font, some in pairs]


def width(text: str, size: float) -> float:
    """In points."""
    return sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in runs(text))


def _fonts_of(word: str, beside: str) -> list[str]:
    """`beside`: the font of other words of the same text, which those that have letters keep to, if they can."""
    first = beside if beside and any(map(str.isalpha, word)) else FONT
    whole = next((name for name in (first, FONT, OTHER) if all(_has(name, one) for one in word)), "")
    return [whole or (FONT if _has(FONT, one) else OTHER) for one in word]


def _drawn(character: str) -> bool:
    return _has(FONT, character) or _has(OTHER, character)


def _has(font: str, character: str) -> bool:
    use_fonts()
    known: Any = pdfmetrics.getFont(font)
    return bool(known.face.charToGlyph.get(ord(character)))
