"""Finding resident registration numbers (주민등록번호, 외국인등록번호), which are never stored.

Six digits of a birth date and seven more, of which the first says century and sex: 1 to 4 for citizens, 5 to 8 for
foreigners, 9 and 0 for those born before 1900 (as it is described everywhere; the statute's text was not read). Other
numbers of 13 digits are none.
"""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 13
_PLAIN: Final = re.compile("[ -~가-힣]*")  # NFKC changes nothing of these
# Between the halves stands whatever a person types there: blanks, a dot, a hyphen or a dash of any length, ㅡ, ~.
_NUMBER: Final = re.compile(
    r"(?<!\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s.·․‧~∼〜ㅡᅳー_\-‐-―−－]{0,5}\d{7}(?!\d)"
)


def holds_resident_number(text: str) -> bool:
    """Whether one stands in `text`, however it is written (full width, with dashes between its halves)."""
    if len(text) < SHORTEST:
        return False
    plain = text if _PLAIN.fullmatch(text) else unicodedata.normalize("NFKC", text)
    return _NUMBER.search(plain) is not None
