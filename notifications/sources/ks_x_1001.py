"""Decode Korea's own character set, as agencies' older systems write it: EUC-KR, and Microsoft's superset CP949.

KS X 1001 has 2,350 syllables. Its annex 3 spells the others (똠, 펲) out in eight bytes: a filler and three letters, of
which the last may be the filler. Python's `euc_kr` decodes that, but none of CP949's other syllables; its `cp949`
decodes all syllables and leaves the spelt-out ones as four letters. This module decodes both to syllables.
"""

import re

FILLER = "\u3164"
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FINALS = FILLER + "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
SPELT_OUT = re.compile(f"{FILLER}([{INITIALS}])([ㅏ-ㅣ])([{FINALS}])")
FILLER_BYTES = FILLER.encode("cp949")
# Its names in XML declarations and feeds. Source: IANA character sets, and Windows' name of its code page.
NAMES = frozenset(
    {"euc-kr", "euckr", "ks_c_5601-1987", "ks_c_5601", "ksc5601", "korean", "cp949", "ms949", "windows-949", "uhc"}
)


def decode(raw: bytes) -> str:
    """Decode bytes to text. Raises UnicodeDecodeError."""
    text = raw.decode("cp949")
    return SPELT_OUT.sub(_syllable, text) if FILLER_BYTES in raw else text


def _syllable(letters: re.Match[str]) -> str:
    """Compose a spelt-out syllable (Unicode 3.12, Hangul syllable composition)."""
    initial, vowel, final = letters.groups()
    return chr(0xAC00 + (INITIALS.index(initial) * 21 + ord(vowel) - ord("ㅏ")) * 28 + FINALS.index(final))
