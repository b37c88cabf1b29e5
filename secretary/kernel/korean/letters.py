"""Write a text with the characters that a channel or a font has.

Three steps, each for those characters alone that are lacking. `plain_signs` changes how signs look and no word:
dashes, quotes, bullets, blanks, full width, ㎞; emoji go. `without_marks` writes Latin letters without their marks.
`readable` always ends: what is left becomes letters that are read alike, or a note that it cannot be shown.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from secretary.kernel.korean.hanja import as_initial, reading
from secretary.kernel.korean.korean import Language

Has = Callable[[str], bool]  # whether a character can be shown

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
# Signs → what may stand for them, the best first. The first whose characters are all there is taken.
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys("‐‑‒–—―−﹘﹣⁃", ("-",)),
    **dict.fromkeys("‘’‚‛′ʼʻʹ", ("'",)),
    **dict.fromkeys("“”„‟″«»", ('"',)),
    **dict.fromkeys("‹", ("<",)) | dict.fromkeys("›", (">",)),
    **dict.fromkeys("•․‧∙⋅・◦‣▪●", ("·", "-")),
    **dict.fromkeys("〜～∼⁓", ("~",)),
    **dict.fromkeys("…⋯", ("...",)) | dict.fromkeys("⁄∕", ("/",)),
    "₩": ("￦", "원"),
    **dict.fromkeys("≦⩽", ("≤", "<=")) | dict.fromkeys("≧⩾", ("≥", ">=")),
    **dict.fromkeys("➔➜➝➞⟶⇨", ("→", "->")),
    **dict.fromkeys("○◯〇⭕", ("○", "O")),
    "㎞": ("km",),
    # The same characters under the numbers that KS X 1001 was given in Unicode; NFC writes the other ones.
    "\u90ce": ("\uf92c",),
    "\u96b8": ("\uf9b8",),
    "\u00c5": ("\u212b",),
    "©": ("ⓒ", "(c)"),
    **{chr(0x1100 + index): (letter,) for index, letter in enumerate(_INITIALS)},
    **{chr(0x1161 + index): (letter,) for index, letter in enumerate(_VOWELS)},
    **{chr(0x11A7 + index): (letter,) for index, letter in enumerate(_FINALS) if letter},
}
# Letters that Unicode does not decompose, as passports spell them (ICAO Doc 9303 part 3, section 6).
_SPELT: Final[dict[str, str]] = {
    "Đ": "D",
    "Ð": "D",
    "Ł": "L",
    "Ħ": "H",
    "Ŋ": "N",
    "Ŧ": "T",
    "ı": "i",
    "ß": "ss",
    "ẞ": "SS",
    "Þ": "TH",
    "Æ": "AE",
    "Œ": "OE",
    "Ø": "OE",
    "Ə": "E",
    "Ƒ": "F",
    "Ɓ": "B",
    "Ɗ": "D",
    "Ɖ": "D",
    "Ƙ": "K",
    "Ɣ": "G",
    "Є": "IE",
    "І": "I",
    "Ґ": "G",
    "Ў": "U",
    "Ј": "J",
    "Љ": "LJ",
    "Њ": "NJ",
    "Ћ": "C",
    "Ђ": "D",
    "Џ": "DZ",
    "Ә": "A",
    "Ғ": "G",
    "Қ": "K",
    "Ң": "N",
    "Ө": "O",
    "Ұ": "U",
    "Ү": "U",
    "Һ": "H",
    "Ѕ": "DZ",
}
_UNSHOWN: Final = {"ko": "(표시할 수 없는 글자)", "en": "(characters that cannot be shown)"}
_UNSHOWN_NAME: Final = {"ko": "고객(이름을 표시할 수 없음)", "en": "customer (name cannot be shown)"}
_GAP: Final = "\uffff"  # stands for what cannot be shown while a text is being written; no character, so in no text
_SYLLABLES: Final = re.compile("[가-힣]")
_FIRST: Final = 0xAC00


def plain_signs(text: str, has: Has) -> str:
    """`text` with plain signs for those that are lacking. Letters that are lacking are left as they are."""
    return "".join(character if has(character) else _plain(character, has) for character in text).strip()


def without_marks(text: str, has: Has) -> str:
    """`text` with é as e where é is lacking. Other letters that are lacking are left as they are."""
    return "".join(character if has(character) else _unmarked(character, has) for character in text)


def readable(text: str, has: Has, language: Language) -> str:
    """`text` in characters that are all there: 똠 as ㄸㅗㅁ, hanja by their reading; else a note instead.

    `has` must have ASCII, and for Korean Hangul letters.
    """
    written = _written(text, has)
    return re.sub(f"{_GAP}+", _UNSHOWN[language], written)


def readable_name(name: str, has: Has, language: Language) -> str:
    """As `readable`; a name of which nothing can be shown becomes a form of address."""
    return _UNSHOWN_NAME[language] if not _written(name, has).strip(f"{_GAP} .-'") else readable(name, has, language)


def _written(text: str, has: Has) -> str:
    pieces: list[str] = []
    for character in without_marks(plain_signs(text, has), has):
        piece = character if has(character) else _spelt(character, has)
        # A hanja behind none and behind no Hangul begins a word.
        if piece and character != piece and reading(character) and not (pieces and _SYLLABLES.match(pieces[-1])):
            piece = as_initial(piece) if _SYLLABLES.match(piece) else piece
        pieces.append(piece)
    return "".join(pieces)


def _plain(character: str, has: Has) -> str:
    """Return what stands for a sign; the character itself where it is a letter, or nothing is known for it."""
    if found := _first(_SIGNS.get(character, ()), has):
        return found
    category = unicodedata.category(character)
    if category[0] == "Z" or character in "\t\n":
        return " "
    tag, compatible = _compatible(character)
    if compatible != character:
        folded = "".join(one if has(one) else _plain(one, has) for one in compatible)
        if folded and all(map(has, folded)):
            return _grouped(tag, folded)
    if category == "Pd":
        return "-"
    # Emoji and ornaments carry no word. What Unicode does not know yet may be a letter, and is left.
    return "" if category in ("So", "Sk", "Cf", "Me") or "\ufe00" <= character <= "\ufe0f" else character


def _compatible(character: str) -> tuple[str, str]:
    tag, _, _ = unicodedata.decomposition(character).partition(" ")
    return (tag, unicodedata.normalize("NFKC", character)) if tag.startswith("<") else ("", character)


def _grouped(tag: str, folded: str) -> str:
    """10⁵ is not 105, 3⅛ not 31/8, and ㉠ stands in its brackets."""
    if tag == "<super>" and folded.isdigit():
        return f"^{folded}"
    if tag == "<fraction>":
        return f" {folded}"
    return f"({folded})" if tag == "<circle>" else folded


def _unmarked(character: str, has: Has) -> str:
    """Return a Latin letter without its marks; a mark alone goes where it stands over one (it is not composed with
    it)."""
    if unicodedata.category(character) == "Mn":
        return ""
    spelt = _SPELT.get(character) or _SPELT.get(character.upper(), "").lower()
    base = unicodedata.normalize("NFD", spelt or character)
    letters = "".join(one for one in base if unicodedata.category(one) != "Mn")
    is_latin = letters.isascii() and letters.isalpha()
    return letters if is_latin and all(map(has, letters)) else character


def _spelt(character: str, has: Has) -> str:
    """Letters that are read like this one; a gap where none are known."""
    candidates: Iterable[str] = ()
    if _SYLLABLES.match(character):
        initial, rest = divmod(ord(character) - _FIRST, len(_VOWELS) * len(_FINALS))
        vowel, final = divmod(rest, len(_FINALS))
        candidates = (_INITIALS[initial] + _VOWELS[vowel] + _FINALS[final],)
    else:
        base = unicodedata.normalize("NFKD", character)
        bare = "".join(one for one in base if unicodedata.category(one) != "Mn")
        spelt = "".join(_SPELT.get(one) or _SPELT.get(one.upper(), one.upper()).lower() for one in bare)
        candidates = (reading(unicodedata.normalize("NFKC", character)), bare, spelt)
    return _first(candidates, has) or _GAP


def _first(candidates: Iterable[str], has: Has) -> str:
    return next((one for one in candidates if one and all(map(has, one))), "")
