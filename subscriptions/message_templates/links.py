"""Find links, in every form that a phone would make tappable, and remove them from values.

Notices carry no link: false fine notices with links are used for fraud (smishing). A template with one is refused
(`find_link`). An agency's value is not refused for it, as the notice would be lost: the link is removed
(`without_links`), and a name with a dot is written so that no phone makes it a link (`spaced_names`).
"""

import re
import unicodedata
from typing import Final

from secretary.kernel.korean.korean import clean_text

REMOVED: Final = "(…)"  # replaces a link, in both languages

# Top-level domains: all countries' (IANA), other common ones, and those in other scripts.
_COUNTRIES: Final = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd
cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge
gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki
km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my
mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se
sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz
va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_OTHERS: Final = """com net org edu gov mil int info biz mobi asia app dev xyz icu cyou sbs lol cfd bid buzz"""
# These are words as well: a top-level domain only in lower case ("happy.shop", not "Happy.Shop").
_WORDS: Final = """
page link click site online website shop store club live top vip win loan blog wiki name pro tel cloud
today news tech email work works world money bank finance credit support"""
_SCRIPTS: Final = "한국 닷컴 닷넷 삼성 рф 中国 中國 公司 网址 みんな"
_ENDS: Final = frozenset((*_COUNTRIES.split(), *_OTHERS.split(), *_SCRIPTS.split()))
_SMALL: Final = frozenset(_WORDS.split())
_PARTICLE: Final = "(?:에서|으로|에|로|을|를|이|가|은|는|의|와|과)?"

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]{1,20}\s?:\s?//|(?:javascript|data|vbscript|mailto|sms|intent)\s?:\S")
_TEL: Final = re.compile(r"(?<![a-z])(tel)\s?[:：](?=\S)", re.I)  # in a value a word: "Tel:02-000-0000"
_WWW: Final = re.compile(r"(?<![a-z0-9])www\s?\.")
# A name, a dot and letters: phones make it a domain, with or without a path. "오후 2.5" and "e.g." are none.
_DOMAIN: Final = re.compile(r"\w[\w\-]{0,62}\.(?:[a-z]{2,24}|xn--[a-z0-9\-]{2,59})(?![a-z가-힣])")
# The same with Korean behind it: "pay.example.com에서".
_CLEAR: Final = re.compile(
    rf"\w\.(?:(?:xn--[a-z0-9\-]{{2,59}}|{'|'.join([*_COUNTRIES.split(), *_OTHERS.split(), *_SMALL])})(?![a-z0-9])"
    rf"|(?:{'|'.join(_SCRIPTS.split())}){_PARTICLE}(?!\w))"
)
_ADDRESS: Final = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9])")
# A text that is sent unchanged, as nearly all are: one clean line, and no link, which needs a dot or a colon.
HARMLESS: Final = re.compile("[ 0-9A-Za-z가-힣,()-]*")
_DOTS: Final = str.maketrans({"。": ".", "｡": ".", "․": ".", "‧": ".", "∙": ".", "・": "."})

# Words before a dot that are no address: titles, and initials.
_TITLE: Final = re.compile(
    r"(?:st|dr|mr|ms|mrs|mt|ft|prof|no|nos|co|ltd|inc|corp|jr|sr|vol|ver|fr|rev|gen|capt|sgt|col|dept|univ|fig|ph|etc|vs"
    r"|[a-z])",
    re.I,
)
_DOTTED: Final = re.compile(r"[\w\-]+(?:\.[\w\-]+)+")
_HEAD: Final = re.compile(rf"xn--[a-z0-9\-]+|[a-z]+|(?:{'|'.join(_SCRIPTS.split())})(?={_PARTICLE}$)")
_GLUED: Final = re.compile(r"(?<=\w)[.．。｡․‧∙・](?=[A-Za-zＡ-Ｚａ-ｚ]{2})")
_PATH: Final = re.compile(r"[/?#][a-z0-9]|:\d|@")


class Cleared(str):
    """A value from which a link was removed."""

    __slots__ = ()


def find_link(text: str) -> str:
    """Return the first part of `text` that is or looks like a link, as a reader sees it; "" where there is none."""
    if HARMLESS.fullmatch(text):
        return ""
    plain = _as_read(text)
    for pattern in (_SCHEME, _TEL, _WWW, _DOMAIN, _CLEAR, _ADDRESS):
        found = pattern.search(plain)
        if found:
            return found.group()
    return ""


def without_links(value: str) -> str:
    """Return `value`, or a `Cleared` one with (…) in place of a link; names and abbreviations with dots stay."""
    if HARMLESS.fullmatch(value):
        return value
    cleared = " ".join(REMOVED if _is_link(_plain(word)) else word for word in value.split(" "))
    if _is_link(_plain(cleared)):  # one with blanks in it
        return Cleared(REMOVED)
    return value if cleared == value else Cleared(cleared)


def spaced_names(value: str) -> str:
    """Return "Dr.Kim" as "Dr. Kim", which no phone makes a link (.kim is a domain), and "Tel:02" likewise."""
    if HARMLESS.fullmatch(value):
        return value
    spaced = _TEL.sub(r"\1: ", _GLUED.sub(". ", value))
    return REMOVED if find_link(spaced) else spaced


def _is_link(text: str) -> bool:
    read = text.casefold()
    if any(pattern.search(read) for pattern in (_SCHEME, _WWW, _ADDRESS)):
        return True
    return any(
        text[: found.start()].endswith("@") or _is_address(found.group(), read[found.end() :])
        for found in _DOTTED.finditer(text)
    )


def _is_address(dotted: str, behind: str) -> bool:
    """Return whether "naver.com" is meant, and not "St.Mary", "G.Tower" or "Co.Ltd"."""
    before, *labels = dotted.split(".")
    heads = [found.group() if (found := _HEAD.match(label.casefold())) else "" for label in labels]
    if _PATH.match(behind) and any(len(head) >= 2 for head in heads):
        return True
    named = _is_titled(before)
    for label, head in zip(labels, heads, strict=True):
        is_end = head in _ENDS or (head in _SMALL and label.startswith(head))
        if head.startswith("xn--") or (is_end and not ((named and label[:1].isupper()) or _is_long_title(before))):
            return True
        before, named = label, named and _is_titled(label)
    return False


def _is_titled(label: str) -> bool:
    return _TITLE.fullmatch(label) is not None


def _is_long_title(label: str) -> bool:
    return len(label) > 1 and _is_titled(label)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", clean_text(text)).translate(_DOTS)


def _as_read(text: str) -> str:
    return _plain(text).casefold()
