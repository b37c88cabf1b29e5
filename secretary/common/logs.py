"""Log lines without personal data: numbers that look like phones, resident numbers or CIs are masked."""

import json
import logging
import re
from datetime import datetime

from secretary.common.clock import KST

# Hangul follows a number without a blank, so that a word boundary is none: only another digit ends what is meant.
# `%2B` and the like: addresses of requests are logged as they went out.
PATTERNS = (
    (re.compile(r"(?<!\d)\d{6}-?[1-8]\d{6}(?!\d)"), "[resident number]"),
    (
        re.compile(r"(?<!\d)(?:(?:\+|%2[Bb])?82[-. ]?(?:\(0\)|0)?|0)1[016-9][-. ]?\d{3,4}[-. ]?\d{4}(?!\d)"),
        "[phone]",
    ),
    (re.compile(r"(?:[A-Za-z0-9+/]|%2[BbFf]){86}(?:=|%3[Dd]){2}"), "[ci]"),
)


def mask(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class PersonalDataFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):  # here, unlike in a handler, it would reach whoever logs
            text = f"{record.msg} (its arguments do not fit)"
        record.msg, record.args = mask(text), ()
        return True


class LineFormatter(logging.Formatter):
    """One line a record, with the time in Korea and its offset (ISO 8601); JSON in production."""

    def __init__(self, json: bool = False) -> None:
        super().__init__("%(message)s" if json else "%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._json = json

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, KST).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        line = mask(super().format(record))
        if not self._json:
            return line
        entry = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name, "message": line}
        return json.dumps(entry, ensure_ascii=False)
