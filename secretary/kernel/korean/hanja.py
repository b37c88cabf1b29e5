"""Read hanja in Korean.

The readings are those of Unicode's Unihan database 15.0 (kHangul: of several the one taught at school, else the first;
simplified characters by kTraditionalVariant), 10,796 characters, under the Unicode licence beside the file. How the
file was made: docs/adr/0024-what-a-channel-carries.md.
"""

from functools import cache
from pathlib import Path

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_N, _R, _NONE = 2, 5, 11  # initials ㄴ, ㄹ, ㅇ
_SOFT = frozenset((2, 3, 6, 7, 12, 17, 20))  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ


@cache
def _readings() -> dict[str, str]:
    """Hanja → reading. Read once per process, at the first hanja that is met."""
    lines = Path(__file__).with_name("hanja_readings.txt").read_text(encoding="utf-8").split()
    return {character: line[0] for line in lines for character in line[1:]}


def reading(character: str) -> str:
    """Return the Hangul syllable that a hanja is read as behind another one; "" where the table has none."""
    return _readings().get(character, "")


def as_initial(syllable: str) -> str:
    """Return a reading at the beginning of a word (두음법칙): 리 is 이, 녀 is 여, 로 is 노."""
    initial, rest = divmod(ord(syllable) - _FIRST, _VOWELS * _FINALS)
    soft = rest // _FINALS in _SOFT
    if initial not in (_N, _R) or (initial == _N and not soft):
        return syllable
    return chr(_FIRST + (_NONE if soft else _N) * _VOWELS * _FINALS + rest)
