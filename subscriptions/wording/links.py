"""Finding links in a wording, in every disguise that a phone would still turn into something to tap.

Notices carry no link: false fine notices with links are how people are robbed (smishing).
"""

import re
import unicodedata
from typing import Final

from secretary.common.korean import clean_text

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]{1,20}:\s?//|(?:javascript|data|vbscript|mailto|tel|sms|intent)\s?:\S")
_WWW: Final = re.compile(r"(?<![a-z0-9])www\s?\.")
# A name, a dot and letters: what phones take for a domain, path or not. "오후 2.5" and "e.g." are none.
_DOMAIN: Final = re.compile(r"[a-z0-9가-힣][a-z0-9가-힣\-]{0,62}\.(?:[a-z]{2,24}|한국|닷컴|닷넷)(?![a-z가-힣])")
# "St.Mary 소아과", "Dr.Kim 의원", "G.Tower": one dot, and behind it a capital; no path, no port, no further dot.
_NAME: Final = re.compile(r"(?<![\w.@-])([A-Za-z][a-z]{0,8})\.([A-Z][A-Za-z]{1,23})(?![\w.@:/?#-])")
_ADDRESS: Final = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9])")
_HARMLESS: Final = re.compile("[ 0-9A-Za-z가-힣,()-]*")  # every link needs a dot or a colon
_DOTS: Final = str.maketrans({"。": ".", "｡": ".", "․": ".", "‧": ".", "∙": ".", "・": "."})


def find_link(text: str) -> str:
    """The first thing in `text` that is or looks like a link, as it would be read; "" where there is none."""
    if _HARMLESS.fullmatch(text):
        return ""
    plain = unicodedata.normalize("NFKC", clean_text(text)).translate(_DOTS).casefold()
    for pattern in (_SCHEME, _WWW, _DOMAIN, _ADDRESS):
        found = pattern.search(plain)
        if found:
            return found.group()
    return ""


def find_link_in_value(text: str) -> str:
    """As `find_link`, for what an agency says of a place or a person: a name that is written with a dot is none."""
    return find_link(spaced_names(text))


def spaced_names(text: str) -> str:
    """ "Dr.Kim" as "Dr. Kim", which no phone takes for a domain: .kim is one."""
    return _NAME.sub(r"\1. \2", text) if "." in text else text
