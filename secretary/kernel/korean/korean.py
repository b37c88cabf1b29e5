"""Normalise Korean text, count its bytes in a text message, and format amounts, days and people.

Pure functions, no Django. Forms: `2026. 3. 14.(토) 오후 2:00`, `32,000원`, `010-****-1234`.
"""

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal

from secretary.kernel.korean.particles import particle, with_particle
from secretary.kernel.time.clock import KST

__all__ = [
    "Language",
    "NotInEucKr",
    "clean_line",
    "clean_text",
    "euc_kr_bytes",
    "format_date",
    "format_datetime",
    "format_time",
    "format_won",
    "has_hidden_characters",
    "hidden_characters",
    "in_euc_kr",
    "is_plain_line",
    "masked_name",
    "masked_phone",
    "missing_from_euc_kr",
    "particle",
    "with_particle",
]

Language = Literal["ko", "en"]

# Controls (but for newline and tab), soft hyphen, zero-width and bidi marks, Hangul fillers, variation
# selectors, surrogates, byte order mark, tag characters: nothing a person can see or types on purpose.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LINE_ENDS: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACES: Final = re.compile(r"\s+")
# Printable ASCII and whole Hangul syllables: nothing to clean, and NFC as it stands. Nearly all text is of this kind.
_CLEAN: Final = re.compile("[ -~가-힣]*")


def is_plain_line(text: str) -> bool:
    """Return whether `text` is shown as it stands, on one line: nothing but printable ASCII and Hangul syllables."""
    return _CLEAN.fullmatch(text) is not None


def clean_text(text: str) -> str:
    """`text` in NFC (decomposed Hangul becomes syllables), without hidden characters; lines end in \\n."""
    if is_plain_line(text):
        return text
    lines = _LINE_ENDS.sub("\n", text)
    return unicodedata.normalize("NFC", _HIDDEN.sub("", lines))


def clean_line(text: str) -> str:
    """Like `clean_text`, on one line: every run of white space becomes one space, none at the ends."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def has_hidden_characters(text: str) -> bool:
    """Return whether `clean_text` would drop a character: NUL, control, zero-width, bidi, filler."""
    return _HIDDEN.search(text) is not None


def hidden_characters(text: str) -> list[str]:
    """Return the hidden characters of `text` as code points ("U+200B"), each once, in order."""
    return list(dict.fromkeys(f"U+{ord(found):04X}" for found in _HIDDEN.findall(text)))


_MAKE_UP: Final = b"\xa4\xd4"  # begins a syllable that is spelt out


class NotInEucKr(ValueError):
    """A character that EUC-KR (KS X 1001) lacks, such as 똠 or an emoji: phones would show it broken."""

    def __init__(self, character: str, position: int) -> None:
        super().__init__(f"U+{ord(character):04X} at {position} is not in EUC-KR")
        self.character, self.position = character, position


def euc_kr_bytes(text: str) -> int:
    """Bytes of `text` in EUC-KR, as carriers count a text message (90 short, 2,000 long): Hangul 2, ASCII 1.

    Raises NotInEucKr at the first character that EUC-KR lacks. Python's codec spells such syllables out in
    eight bytes (KS X 1001 annex 3), which no phone reads; here they are refused.
    """
    if text.isascii():
        return len(text)
    try:
        encoded = text.encode("euc-kr")
    except UnicodeEncodeError:
        encoded = None  # the first character that is lacking is named below
    if encoded is not None and (_MAKE_UP not in encoded or len(encoded) == 2 * len(text) - sum(map(str.isascii, text))):
        return len(encoded)
    position = next(index for index, character in enumerate(text) if _euc_kr_lacks(character))
    raise NotInEucKr(text[position], position)


def missing_from_euc_kr(text: str) -> list[str]:
    """Return the characters of `text` that EUC-KR lacks, each once, in order."""
    return [character for character in dict.fromkeys(text) if _euc_kr_lacks(character)]


def in_euc_kr(character: str) -> bool:
    return not _euc_kr_lacks(character)


@lru_cache(maxsize=4096)
def _euc_kr_lacks(character: str) -> bool:
    try:
        return len(character.encode("euc-kr")) > 2
    except UnicodeEncodeError:
        return True


WON: Final[dict[Language, str]] = {"ko": "{:,}원", "en": "{:,} won"}


def format_won(amount: int, language: Language = "ko") -> str:
    """Integer won: "32,000원", "32,000 won"."""
    return WON[language].format(amount)


def format_span(days: int, language: Language = "ko") -> str:
    """How long something is kept: whole years with their leap days as years ("5년", "5 years"), else days."""
    years = days // 365
    if years and days % 365 <= years // 4 + 1:
        return f"{years}년" if language == "ko" else f"{years} year{'s' * (years > 1)}"
    return f"{days}일" if language == "ko" else f"{days} day{'s' * (days > 1)}"


_WEEKDAYS_KO: Final = "월화수목금토일"
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@lru_cache(maxsize=4096)
def format_date(day: date, language: Language = "ko") -> str:
    """Return a day in Korea: "2026. 3. 14.(토)", "Sat, 14 March 2026". Takes no account of the server's locale."""
    if language == "ko":
        return f"{day.year}. {day.month}. {day.day}.({_WEEKDAYS_KO[day.weekday()]})"
    return f"{_WEEKDAYS_EN[day.weekday()]}, {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def format_datetime(instant: datetime, language: Language = "ko") -> str:
    """Return an aware instant, shown in Korean time: "2026. 3. 14.(토) 오후 2:00", "Sat, 14 March 2026, 2:00 pm"."""
    if instant.tzinfo is None:
        raise ValueError("an aware instant is needed")
    between = " " if language == "ko" else ", "
    return f"{format_date(instant.astimezone(KST).date(), language)}{between}{format_time(instant, language)}"


# 12:00 with 오전 or 오후, am or pm, is read either way; none of these is longer than "오후 12:30", "12:30 pm", by which
# the lengths of templates are checked. With 0시 and 00:00 it is the day's beginning, which 자정 and midnight alone
# leave open: “by 24 June, midnight” is read as the end of that day.
_NOON: Final = {"ko": "정오", "en": "noon"}
_DAY_BEGINS: Final = {"ko": "0시(자정)", "en": "00:00"}


def format_time(instant: datetime, language: Language = "ko", *, seconds: bool = False) -> str:
    """Return the hour of an aware instant in Korea: "오후 2:00", "2:00 pm"; with `seconds` "오후 2:00:24", "2:00:24
    pm".

    Twelve sharp is "정오", "noon"; the day begins at "0시(자정)", "00:00", after it "오전 0:05", "12:05 am".
    """
    local = instant.astimezone(KST)
    if local.minute == 0 and local.hour in (0, 12) and not (seconds and local.second):
        return twelve_sharp(local.hour, language)
    minutes = f"{local.minute:02d}" + (f":{local.second:02d}" if seconds else "")
    if language == "ko":
        return f"오전 {local.hour}:{minutes}" if local.hour < 12 else f"오후 {local.hour % 12 or 12}:{minutes}"
    return f"{local.hour % 12 or 12}:{minutes} {'am' if local.hour < 12 else 'pm'}"


def twelve_sharp(hour: int, language: Language) -> str:
    """Return what twelve o'clock is called, at noon (12) or where the day begins (0)."""
    return (_NOON if hour else _DAY_BEGINS)[language]


def masked_phone(phone: str) -> str:
    """Return a Korean number, E.164 or local, with its middle hidden: "+821012341234" gives "010-****-1234".

    Anything but a Korean number of at least nine digits is hidden wholly.
    """
    digits = re.sub(r"[^0-9]", "", phone)
    if phone.lstrip().startswith("+82") and not digits.startswith("820"):
        digits = "0" + digits[2:]
    area = 2 if digits.startswith("02") else 3
    if not digits.startswith("0") or len(digits) < 9:
        return "****"
    return f"{digits[:area]}-{'*' * (len(digits) - area - 4)}-{digits[-4:]}"


_MOST_STARS: Final = 4  # the length of a long name reveals something too, and fills a table


def masked_name(name: str) -> str:
    """Return a name with its middle hidden: 홍길동 gives 홍*동, 홍길 gives 홍*, 남궁길동 gives 남**동, J. R. Smith
    J****h."""
    letters: list[str] = []
    for character in name:
        if letters and unicodedata.category(character)[0] == "M":  # a mark stays with its letter
            letters[-1] += character
        else:
            letters.append(character)
    if len(letters) < 3:
        return "".join(letters[:1]) + "*" * max(1, len(letters) - 1)
    return letters[0] + "*" * min(len(letters) - 2, _MOST_STARS) + letters[-1]
