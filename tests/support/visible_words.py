"""What a person reads or hears of a page, and which English words are in it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from subscriptions.accounts import roles

HANGUL = re.compile("[가-힣]")
NOT_READ = ("script", "style", "code", "pre", "textarea")  # what agencies' and vendors' machines read and write
WORD = re.compile(r"[A-Za-z][A-Za-z_]*[A-Za-z]")
# Numbers of rows and people, digests, order and check codes, addresses: they are no words.
NO_WORD = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b(?:ps-)?[0-9a-f]{16,}\b|\bK-[0-9a-f]{6}\b|https?://\S+|\bv\d+\b"
    r"|\b(?=[0-9A-Z-]*[0-9])[0-9A-Z]{2,}(?:-[0-9A-Z]+)*\b|\w+\*{4,}|\b[0-9A-HJKMNP-TV-Z]{4}(?:-?[0-9A-HJKMNP-TV-Z]{4}){1,2}\b"
)
ALLOWED = {
    *(
        "CSV",
        "JSON",
        "Lines",
        "XLSX",
        "HTTP",
        "IP",
        "URL",
        "API",
        "UTF",
        "SMS",
        "LMS",
        "QR",
        "PDF",
    ),  # as Koreans write it
    *("MB", "UI", "UX"),
    "CI",  # 연계정보(CI), the law's own abbreviation
    *("NHN", "Cloud", "KISA", "KRDS"),  # names
    "English",  # the switch to the other language, in that language; a table's column of that language
    *("Control", "Command", "Mac", "Enter", "Ctrl"),  # keys, as they are printed on keyboards
    *("documents_missing", "paid"),  # the example of a code as an agency sends it, at the field that takes it
    "ALARM_RECIPIENTS",  # a setting, which operators write by this name
    *re.findall(r"[a-z]+", " ".join(roles.ROLES)),  # roles have one name in both languages: "reader (열람자)"
    "md",  # the tests' own way to hash passwords
}
# The messages of alarms are technical details in English, and say so; Django's log shows what was typed.
# So do the columns of a file, which are read by these names.
TECHNICAL = re.compile(r"receipts of .* named foreign deliveries|^UTF-8 CSV 파일: data_type, stage, language, ")


class Visible(HTMLParser):
    """Everything that a person reads or hears of a page. `but_marked`: but for what is marked as in a language."""

    def __init__(self, *, but_marked: bool = False) -> None:
        super().__init__()
        self._but_marked = but_marked
        self.texts: list[str] = []
        self._within = 0
        self._marked: list[str] = []  # the element with `lang`, and those of the same name within it

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if self._marked[:1] == [tag] or (self._begins(tag, given) and not self._marked):
            self._marked.append(tag)
        self._within += tag in NOT_READ
        if not self._marked:
            self.texts += [given[name] for name in ("placeholder", "aria-label", "title", "alt") if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value") or "")

    def _begins(self, tag: str, given: dict[str, str | None]) -> bool:
        return self._but_marked and "lang" in given and tag != "html"

    def handle_endtag(self, tag: str) -> None:
        self._within -= tag in NOT_READ
        if self._marked[:1] == [tag]:
            self._marked.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and not self._marked and data.strip():
            self.texts.append(" ".join(data.split()))


def english(page: str, known: set[str]) -> Iterator[str]:
    seen = Visible()
    seen.feed(page)
    for text in seen.texts:
        words = set(WORD.findall(NO_WORD.sub("", text))) - ALLOWED - known
        if words and not TECHNICAL.search(text):
            yield f"{' '.join(sorted(words))}: {text[:120]}"


def hangul(page: str, known: set[str]) -> Iterator[str]:
    """Korean text of an English page that is neither one of `known` nor marked as Korean by `lang`."""
    seen = Visible(but_marked=True)
    seen.feed(page)
    for text in seen.texts:
        rest = text
        for each in sorted(known, key=len, reverse=True):
            rest = rest.replace(each, "")
        if HANGUL.search(rest):
            yield text[:120]
