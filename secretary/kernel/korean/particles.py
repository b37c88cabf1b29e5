"""Choose the form of a Korean particle (조사) after a word, by how the end of the word is read aloud.

A particle has two forms, after a final consonant (받침) and after a vowel: 을/를, 이/가, 은/는, 과/와.
으로/로 is different: after ㄹ it takes the vowel form (서울로, 1로). What stands in brackets is not read
(국립국어원: the particle goes with the word before the bracket). A unit behind a number is read as its word: 3kg is
삼 킬로그램, 5km 오 킬로미터. Hanja are read in Korean (hanja.py). After what cannot be read, such as
another script, both forms are written: 을(를).
"""

import re
import unicodedata
from enum import IntEnum
from typing import Final

from secretary.kernel.korean.hanja import reading

# Written as Kakao's and our templates write them: the form after a consonant first.
PAIRS: Final[frozenset[str]] = frozenset(
    ("을/를", "이/가", "은/는", "과/와", "으로/로", "아/야", "이나/나", "이며/며", "이고/고", "이라고/라고")
)


class Ending(IntEnum):
    """How a word ends when read aloud."""

    VOWEL = 0
    CONSONANT = 1
    RIEUL = 2
    UNREAD = 3  # nothing that is read aloud in Korean


# Hangul syllables are laid out by initial, vowel and 28 finals, of which the first is none and the ninth ㄹ
# (Unicode 3.12, Hangul syllable composition).
_FIRST, _SYLLABLES = 0xAC00, 11_172
_FINALS = (Ending.VOWEL, *[Ending.CONSONANT] * 7, Ending.RIEUL, *[Ending.CONSONANT] * 19)
_DIGITS = (1, 2, 0, 1, 0, 0, 1, 2, 2, 0)  # 영 일 이 삼 사 오 육 칠 팔 구, as Ending
_LETTERS = {"L": Ending.RIEUL, "R": Ending.RIEUL, "M": Ending.CONSONANT, "N": Ending.CONSONANT}  # 엘 알 엠 엔
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|〈[^〈〉]*〉|《[^《》]*》|〔[^〔〕]*〕|【[^【】]*】")
_PLAIN = re.compile(r"[ -~가-힣]*")  # NFKC changes nothing of these, and none is read as another
# Signs that are read: 퍼센트, 도, 퍼밀, 플러스, 달러, 유로, 파운드, 엔, 원.
_SIGNS = {
    **dict.fromkeys("%°+$€£", Ending.VOWEL),
    **dict.fromkeys("¥₩", Ending.CONSONANT),
    "‰": Ending.RIEUL,
}
_TRAILING_NUMBER = re.compile(r"([0-9][0-9,]*)$")
_TRAILING_WORD = re.compile(r"[A-Za-z]+$")
_TRAILING_UNIT = re.compile(r"[0-9] ?(?:[A-Za-zμ]+/0?)?((?:km|cm|mm|m)[23]|[A-Za-zμ]+)$")
_DAY = re.compile(r"[0-9]{4}(?:\. ?|-|/)[0-9]{1,2}(?:\. ?|-|/)[0-9]{1,2}$")  # 2026. 5. 4. is read 사일
_CLOCK = re.compile(r"[0-9]:([0-9]{2})$")  # 2:00 is read 두 시, 2:30 두 시 삼십 분
# Units by the word they are read as. Lower case; those that only case distinguishes (mW, MW) end alike.
_UNITS: Final = {
    **dict.fromkeys(("g", "kg", "mg", "μg", "t"), Ending.CONSONANT),  # 그램 톤
    **dict.fromkeys(("db", "pa", "hpa", "kpa", "mpa", "mol"), Ending.RIEUL),  # 데시벨 파스칼 몰
    **dict.fromkeys(("m", "km", "cm", "mm", "m2", "m3", "km2", "cm2", "cm3", "mm2"), Ending.VOWEL),  # 미터
    **dict.fromkeys(("l", "ml", "dl", "kl", "cal", "kcal", "ha"), Ending.VOWEL),  # 리터 칼로리 헥타르
    **dict.fromkeys(("px", "mil"), Ending.RIEUL),  # 픽셀 밀
    **dict.fromkeys(("in", "sec", "hr"), Ending.VOWEL),  # 인치 초 아워
    **dict.fromkeys(("w", "kw", "mw", "v", "kv", "a", "ma", "hz", "khz", "mhz", "ghz"), Ending.VOWEL),  # 와트 헤르츠
}
_SQUARED_UNIT = re.compile("[\u3371-\u33df]")  # ㎏ ㎞ ㎖ and their like, one character each
_ROMAN: Final = {
    ord(sign): str(value) for signs in ("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ") for value, sign in enumerate(signs, start=1)
}
# As people type them. One letter alone is a letter: A, I and X.
_TYPED_ROMAN: Final = {
    "II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12
}  # fmt: skip
# Loan words as Korean usually writes them: 구글, 폰, 북, 컵, 톡. English spelling gives a hint, no more.
_ENGLISH_RIEUL = re.compile(r"(?:l|le)$")
_ENGLISH_CONSONANT = re.compile(
    r"(?:m|n|ng|nh|[aeiou]me|[aeiou]ne|[aeiou](?:ck|pp)|[aeiou][bckpt]|(?:oo|ou|ea|al)k)"
    r"(?<!\bhub)(?<!\bsub)(?<!eek)(?<!eet)(?<!oat)(?<!eat)$"  # 허브 서브 위크 시트 보트 히트
)
_SPOKEN_AS_WORD = 5  # capitals: KTX and HTML are read letter by letter, KORAIL and SAMSUNG are words
_CAPITALS = re.compile(r"[A-Z]{2,}")
_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")  # Latin letters with marks: é is read as e
_UNDECOMPOSED: Final = {"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "ß": "s"}
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_CLOSED_KANA: Final = frozenset("んンっッ")


def ending(word: str) -> Ending:
    """Return how `word` ends when read in Korean. Nothing at all counts as a vowel."""
    index = ord(word[-1]) - _FIRST if word else -1
    return _FINALS[index % 28] if 0 <= index < _SYLLABLES else _spoken_ending(_last_spoken(word), word)


def particle(word: str, pair: str) -> str:
    """Return the form of `pair` ("이/가") that follows `word`. Raises KeyError for a pair that is not in PAIRS.

    >>> particle("홍길동", "이/가"), particle("서울", "으로/로"), particle("KTX", "을/를")
    ('이', '로', '를')
    """
    return _FORMS[pair][ending(word)]


def _forms(pair: str) -> tuple[str, str, str, str]:
    """Return the particle after a vowel, a consonant, ㄹ and what is not read (을(를), (으)로): indexed by Ending."""
    consonant, vowel = pair.split("/")
    both = f"({consonant.removesuffix(vowel)}){vowel}" if consonant.endswith(vowel) else f"{consonant}({vowel})"
    return vowel, consonant, vowel if pair == "으로/로" else consonant, both


_FORMS: Final = {pair: _forms(pair) for pair in PAIRS}


def with_particle(word: str, pair: str) -> str:
    """`word` and its particle: "과태료" and "을/를" give "과태료를"."""
    return word + particle(word, pair)


def _last_spoken(word: str) -> str:
    """`word` without its brackets and closing signs; a word that is all brackets is read inside them.

    Signs that stand for others (①, full width) are read as those (NFKC), Roman numerals as numbers, ㎏ as behind a
    number, where it is a unit.
    """
    plain = word if _PLAIN.fullmatch(word) else _without_disguise(word)
    outside = plain
    while (without := _BRACKETED.sub("", outside)) != outside:
        outside = without
    return _up_to_last_read(outside) or _up_to_last_read(plain)


def _without_disguise(word: str) -> str:
    unit = _SQUARED_UNIT.sub(r"0\g<0>", word.translate(_ROMAN))
    return _MARKED.sub(_unmarked, unicodedata.normalize("NFKC", unit))


def _unmarked(found: re.Match[str]) -> str:
    letter = found.group()
    bare = unicodedata.normalize("NFD", _UNDECOMPOSED.get(letter, letter))[0]
    return bare if bare.isascii() else letter


def _up_to_last_read(word: str) -> str:
    """Without signs at the end that are not read aloud: quotes, dots, emoji."""
    end = len(word)
    while end and not (word[end - 1].isalnum() or word[end - 1] in _SIGNS):
        end -= 1
    return word[:end]


def _spoken_ending(word: str, written: str) -> Ending:
    if not word:
        return Ending.UNREAD if written.strip() else Ending.VOWEL
    last = word[-1]
    if (unit := _TRAILING_UNIT.search(word)) and (read := _unit_ending(unit.group(1))) is not None:
        return read
    if "0" <= last <= "9":
        return _digits_ending(word)
    if last.isascii() and last.isalpha():
        return _latin_ending(word)
    return _SIGNS[last] if last in _SIGNS else _letter_ending(last)


def _unit_ending(unit: str) -> Ending | None:
    """None where it is no unit: 3g is three grams, 5G and 4M are letters."""
    return None if unit in ("G", "T", "M") else _UNITS.get(unit.lower())


def _letter_ending(last: str) -> Ending:
    """Return a letter that is neither Latin nor a digit."""
    if "ㄱ" <= last <= "ㅎ" or "\u1100" <= last <= "\u1112" or "\u11a8" <= last <= "\u11c2":  # 기역, 니은, 리을 …
        return Ending.RIEUL if last in "ㄹ\u1105\u11af" else Ending.CONSONANT
    if "ㅏ" <= last <= "ㅣ" or "\u1161" <= last <= "\u1175":
        return Ending.VOWEL
    if _KANA.match(last) or last == "ー":
        return Ending.CONSONANT if last in _CLOSED_KANA else Ending.VOWEL
    index = ord(reading(last) or last) - _FIRST
    return _FINALS[index % 28] if 0 <= index < _SYLLABLES else Ending.UNREAD


def _digits_ending(word: str) -> Ending:
    if _DAY.search(word):
        return Ending.RIEUL
    if clock := _CLOCK.search(word):
        return Ending.VOWEL if clock[1] == "00" else Ending.CONSONANT
    return _number_ending(word)


def _number_ending(word: str) -> Ending:
    """십 백 천 만 억 end in a consonant, 조 (10^12), 해 (10^20) in a vowel; else the last digit decides."""
    found = _TRAILING_NUMBER.search(word)
    digits = found.group(1).replace(",", "") if found else word[-1]
    zeros = len(digits) - len(digits.rstrip("0"))
    if digits.strip("0") and (12 <= zeros < 16 or zeros >= 20):
        return Ending.VOWEL
    return Ending.CONSONANT if zeros else Ending(_DIGITS[int(digits[-1])])


def _latin_ending(word: str) -> Ending:
    """Few capitals are read letter by letter (KTX 케이티엑스), words as they sound (Google 구글, KORAIL 코레일)."""
    found = _TRAILING_WORD.search(word)
    letters = found.group() if found else word[-1]
    if letters in _TYPED_ROMAN:
        return _number_ending(str(_TYPED_ROMAN[letters]))
    if len(letters) == 1 or (letters.isupper() and not _is_word(letters, word)):
        return _LETTERS.get(letters[-1].upper(), Ending.VOWEL)
    lower = letters.lower()
    if _ENGLISH_RIEUL.search(lower):
        return Ending.RIEUL
    return Ending.CONSONANT if _ENGLISH_CONSONANT.search(lower) else Ending.VOWEL


def _is_word(capitals: str, text: str) -> bool:
    """Return whether capitals are read as a word: long ones with a vowel, and each of a name (LE VAN LONG)."""
    if not set(capitals) & set("AEIOUY"):
        return False
    return len(capitals) >= _SPOKEN_AS_WORD or (len(capitals) >= 3 and len(_CAPITALS.findall(text)) > 1)
