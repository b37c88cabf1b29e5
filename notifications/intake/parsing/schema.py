"""Compile the record schema of a data type once, so that 25,000 records a second can be checked."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from notifications.intake.parsing.columns import Read, ReadColumn, distinct, numbers, texts
from notifications.matching.prices import Owed, prices
from notifications.models.declared_holiday import use_declared_holidays
from secretary.kernel.database.kept_queries import KeptText
from secretary.kernel.database.sql import sql_list
from secretary.kernel.korean.korean import clean_line, clean_text
from secretary.kernel.persons.person_names import MAX_NAME, name_key
from secretary.kernel.persons.resident_numbers import SHORTEST, holds_resident_number
from secretary.kernel.time.clock import KST
from subscriptions.message_templates.links import HARMLESS, without_links
from subscriptions.models.data_type import OF_THE_SERVICE
from subscriptions.specs import FieldSpec, fields_from_json

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-?\d{2}-?\d{2}[Tt ]\d{2}.*")  # as ISO 8601 writes a day and an hour of it, in either form
DIGITS = re.compile(r"-?\d{1,12}")
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST = 10**11 - 1  # assumed by the templates' length check
MOST_WON = 10_000_000_000  # ten thousand million won: above any fine, below a typing error
DEFAULT_MAX_LENGTH = 200
MARK_BYTES = 4


class Unacceptable(Exception):
    """A value is not acceptable: the reason's code, and the place. Never holds the value itself."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{reason} {where}")
        self.reason, self.where = reason, where


def read_text(value: Any, most: int = DEFAULT_MAX_LENGTH) -> str:
    if not isinstance(value, str):
        raise Unacceptable("not_text")
    simple = HARMLESS.fullmatch(value) is not None  # true of nearly every text
    text = value.strip() if simple else clean_text(value).strip()
    if len(text) > most:
        raise Unacceptable("too_long")
    if holds_resident_number(text):
        raise Unacceptable("resident_number")
    return text if simple else without_links(text)


def read_name(value: Any) -> str:
    """Return a person's name, with its dots and hyphens. It is only compared and appears in no message."""
    if not isinstance(value, str):
        raise Unacceptable("not_text", "name")
    name = clean_line(value)
    if len(name) > MAX_NAME:
        raise Unacceptable("too_long", "name")
    if holds_resident_number(name):
        raise Unacceptable("resident_number", "name")
    if not name_key(name):
        raise Unacceptable("missing", "name")
    return name


def read_integer(value: Any) -> int:
    if isinstance(value, str) and DIGITS.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unacceptable("not_a_number")
    if abs(value) > MOST:
        raise Unacceptable("out_of_range")
    return value


def read_won(value: Any) -> int:
    won = read_integer(value)
    if not 0 <= won <= MOST_WON:
        raise Unacceptable("out_of_range")
    return won


def read_date(value: Any) -> date:
    if not isinstance(value, str):
        raise Unacceptable("not_a_date")
    return _date(value.strip())


@lru_cache(maxsize=4096)  # a file repeats the same few deadlines thousands of times
def _date(text: str) -> date:
    if not DATE.fullmatch(text):
        raise Unacceptable("not_a_date")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Unacceptable("no_such_day") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unacceptable("out_of_range")
    return day


def read_datetime(value: Any) -> datetime:
    """Parse ISO 8601; without an offset it is Korean time.

    A day alone is no time: `fromisoformat` would take it for the hour at which the day begins, and any character for
    the T.
    """
    if not isinstance(value, str) or len(value) > 40 or not INSTANT.fullmatch(value.strip()):
        raise Unacceptable("not_a_time")
    try:
        instant = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise Unacceptable("not_a_time") from error
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise Unacceptable("out_of_range")
    return instant.replace(tzinfo=KST) if instant.tzinfo is None else instant.astimezone(KST)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is read. `read` gives a str, int, date or aware datetime."""

    name: str
    required: bool
    required_for: frozenset[str]  # events and states in which an optional field is required
    date_slot: int | None
    deadline: bool
    announce: bool
    read: Read
    read_column: ReadColumn  # many values at once

    def is_required(self, event: str, state: str) -> bool:
        return self.required or event in self.required_for or state in self.required_for


def _reader(spec: FieldSpec) -> tuple[Read, ReadColumn]:
    """Return how one value of a field is read, and how many are."""
    if spec.type == "choice":
        choices = frozenset(code for code, _ in spec.choices)

        def read_choice(value: Any) -> str:
            if not isinstance(value, str) or value not in choices:
                raise Unacceptable("unknown_choice")
            return value

        return read_choice, distinct(read_choice, Unacceptable)
    most = spec.max_length

    def read_short(value: Any) -> str:
        """As read_text. A short text of harmless characters, as nearly all are, needs nothing else."""
        if type(value) is str and len(value) < SHORTEST and len(value) <= most and HARMLESS.fullmatch(value):
            return value.strip()
        return read_text(value, most)

    readers: dict[str, tuple[Read, ReadColumn]] = {
        "won": (_counting(read_won, MOST_WON), numbers(MOST_WON)),
        "int": (_counting(read_integer, MOST), numbers(MOST)),
        "date": (read_date, distinct(read_date, Unacceptable)),
        "datetime": (read_datetime, distinct(read_datetime, Unacceptable)),
    }
    return readers.get(spec.type, (read_short, texts(most, read_short, Unacceptable)))


def _counting(read: Callable[[Any], int], most: int) -> Callable[[Any], int]:
    """Return the same reader, with a short way for a JSON number from 0 to `most`."""

    def read_number(value: Any) -> int:
        return value if type(value) is int and 0 <= value <= most else read(value)

    return read_number


@dataclass(frozen=True, slots=True)
class Schema:
    """The compiled schema of a data type's live version."""

    data_type_id: int
    agency_id: int
    code: str
    rules: tuple[FieldRule, ...]
    announced: tuple[str, ...]  # names of the fields whose changes citizens are notified of
    # Field, the column of the record that its date goes to (1 to 4), and whether it is a legal deadline.
    dated: tuple[tuple[str, int, bool], ...]
    # Four bytes of a digest of the fields: the same line may yield other values when it is read by other ones.
    mark: bytes
    owed: str = ""  # the field with the amount owed; "" where nothing is owed
    debt: Owed | None = None  # reads the debt from a record; None where nothing is owed or the field types do not fit

    def read_fields(self, data: Mapping[str, Any], *, event: str, state: str) -> dict[str, Any]:
        """Typed values by field name; missing optional ones are left out. Raises Unacceptable naming the field.

        `event` and `state` of the record: some fields are required in some of them.
        """
        values: dict[str, Any] = {}
        given = data.get
        for rule in self.rules:
            name = rule.name
            raw = given(name)
            if raw is None or raw == "":
                if rule.is_required(event, state):
                    raise Unacceptable("missing", name)
                continue
            try:
                value = rule.read(raw)
            except Unacceptable as error:
                raise Unacceptable(error.reason, name) from error
            if value or type(value) is not str:
                values[name] = value
            elif rule.is_required(event, state):  # only blanks and hidden characters
                raise Unacceptable("missing", name)
        return values


@lru_cache(maxsize=256)
def _compiled(data_type_id: int, agency_id: int, code: str, payable: str, fields: str) -> Schema:
    """Return the schema of a data type, compiled once per content of its live version. `fields`: as JSON."""
    specs = fields_from_json(orjson.loads(fields))
    rules = tuple(
        FieldRule(
            spec.name,
            spec.required,
            frozenset(spec.required_for),
            spec.date_slot,
            spec.deadline,
            spec.announce_changes,
            *_reader(spec),
        )
        for spec in specs
    )
    announced = tuple(rule.name for rule in rules if rule.announce)
    dated = tuple((rule.name, rule.date_slot, rule.deadline) for rule in rules if rule.date_slot is not None)
    owed = prices().principal(payable) if payable else ""
    debt = prices().owed(payable, {spec.name: spec.type for spec in specs}) if payable else None
    return Schema(data_type_id, agency_id, code, rules, announced, dated, _mark(specs), owed, debt)


def _mark(specs: Iterable[FieldSpec]) -> bytes:
    read_by = [(spec.name, spec.type, spec.max_length, [code for code, _ in spec.choices]) for spec in specs]
    return hashlib.sha256(repr(read_by).encode()).digest()[:MARK_BYTES]


LIVE = KeptText(f"""
SELECT d.id, d.agency_id, d.code, d.payable, v.fields::text
FROM subscriptions_datatype d JOIN subscriptions_datatypeversion v ON v.id = d.live_version_id
WHERE d.code NOT IN {sql_list(OF_THE_SERVICE)}
""")  # noqa: S608  (constants)


def live_schemas() -> dict[str, Schema]:
    """Return every live data type's schema by code. Which versions are live is read for each run, so that a new one
    counts at once."""
    use_declared_holidays()  # the holidays by which deadlines are moved
    return schemas_of(LIVE.rows())


def schemas_of(live: Iterable[Sequence[Any]]) -> dict[str, Schema]:
    """Return the schemas of the rows of `LIVE`."""
    return {row[2]: _compiled(*row) for row in live}
