"""Log lines without personal data: numbers that look like phones, resident numbers or CIs are masked."""

import json
import logging
import re

PATTERNS = (
    (re.compile(r"\b\d{6}-?[1-8]\d{6}\b"), "[resident number]"),
    (re.compile(r"(?:\+82|0)1[016-9][- ]?\d{3,4}[- ]?\d{4}\b"), "[phone]"),
    (re.compile(r"[A-Za-z0-9+/]{86}=="), "[ci]"),
)


def mask(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class PersonalDataFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), ()
        return True


class LineFormatter(logging.Formatter):
    """One line a record; JSON in production."""

    def __init__(self, json: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._json = json

    def format(self, record: logging.LogRecord) -> str:
        line = mask(super().format(record))
        if not self._json:
            return line
        entry = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name, "message": line}
        return json.dumps(entry, ensure_ascii=False)
