"""Keep personal data out of log lines: numbers that look like phones, resident numbers or CIs are masked, and secret
addresses of calendar feeds.

What PostgreSQL adds to an error is left out: its DETAIL quotes whole rows, its CONTEXT and LINE the values of a
statement, and the first line of some errors the value that it could not read.
"""

import copy
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType

from django.db import Error as DjangoDatabaseError
from psycopg2 import Error as DatabaseError

from secretary.kernel.log_ids import bound_ids
from secretary.kernel.time.clock import KST

# Hangul follows a number without a blank, so that a word boundary is none: only another digit ends what is meant.
# `%2B` and the like: addresses of requests are logged as they went out.
PATTERNS = (
    (re.compile(r"(?<!\d)\d{6}-?[1-8]\d{6}(?!\d)"), "[resident number]"),
    (re.compile(r"(?<!\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\W_]{1,3}\d{7}(?!\d)"), "[resident number]"),
    (
        re.compile(r"(?<!\d)(?:(?:\+|%2[Bb])?82[-. ]?(?:\(0\)|0)?|0)1[016-9][-. ]?\d{3,4}[-. ]?\d{4}(?!\d)"),
        "[phone]",
    ),
    (re.compile(r"(?:[A-Za-z0-9+/]|%2[BbFf]){86}(?:=|%3[Dd]){2}"), "[ci]"),
    (re.compile(r"/year/feed/[^\s\"'?]+"), "/year/feed/[secret]"),  # the address alone gives access
)
# What PostgreSQL writes below the first line of an error, to the end of the paragraph.
ADDED = re.compile(r"\n(?:DETAIL|CONTEXT|QUERY|STATEMENT|WHERE|LINE \d+):(?:[^\n]|\n(?!\n|Traceback |  File ))*")
# `invalid input syntax for type integer: "…"`: a value. Names of tables and constraints stand before a colon or a word.
QUOTED = re.compile(r': "(?:[^"]|"")*"')

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def mask(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return ADDED.sub("", text)


def _described(error: BaseException) -> str:
    """Return the first line of the database's message, without the value that it may quote."""
    return QUOTED.sub(': "[value]"', str(error).partition("\n")[0])


def _of_the_database(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the errors of the database among an error and what led to it."""
    todo, seen = [error], set[int]()
    while todo:
        found = todo.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, (DatabaseError, DjangoDatabaseError)):
            yield found
        todo += [found.__cause__, found.__context__]


class PersonalDataFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):  # here, unlike in a handler, it would reach the caller
            text = f"{record.msg} (its arguments do not fit)"
        record.msg, record.args = mask(text), ()
        return True


class LineFormatter(logging.Formatter):
    """One line a record, with the time in Korea and its offset (ISO 8601), and the ids of what it is about; JSON in
    production."""

    def __init__(self, json: bool = False) -> None:
        super().__init__("%(message)s" if json else "%(asctime)s %(levelname)s %(name)s%(ids)s: %(message)s")
        self._json = json

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, KST).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:  # another handler may have written it down already, with all that it quotes
            record = copy.copy(record)
            record.exc_text = None
        ids = bound_ids()
        record.ids = "".join(f" {name}={value}" for name, value in ids.items())
        line = mask(super().format(record))
        if not self._json:
            return line
        entry = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        return json.dumps({**entry, **ids, "message": line}, ensure_ascii=False, default=str)

    def formatException(self, ei: ExcInfo) -> str:
        text = super().formatException(ei)
        for error in sorted(_of_the_database(ei[1]), key=lambda each: -len(str(each))):
            whole = str(error).rstrip("\n")
            if whole != _described(error):
                text = text.replace(whole, _described(error))
        return text
