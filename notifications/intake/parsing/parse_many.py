"""Parse the lines of a page together: lines of the same shape are checked column by column (docs/adr/0066).

What is accepted here becomes the very row that `parse_record` makes of the line. Every other line is left to
`parse_record`, which alone says why a line is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import compress, repeat
from typing import Any

import orjson

from notifications.intake.parsing.columns import without_gaps
from notifications.intake.parsing.parse import (
    MOST_VERSIONS,
    PLAIN,
    Numbering,
    Row,
    content_digests,
    event_of,
    external_id_of,
    state_of,
    state_of_a_debt,
    subject_of,
    version_of,
)
from notifications.intake.parsing.schema import FieldRule, Schema, Unacceptable
from notifications.models import Record
from secretary.kernel.persons.blind_index import ci_indexes, keyed_digests
from secretary.kernel.secrets.encryption import cipher
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.working_days import moved
from subscriptions.message_templates.links import Cleared

FEWEST = 4  # lines of one shape: fewer are not worth the start
_PLAIN_NUMBERS = re.compile(rf"(?:{PLAIN.pattern}\n)*")
_CIS = re.compile("(?:[A-Za-z0-9+/]{86}==)*")
_CI_LENGTHS = {88}

Column = Sequence[Any]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `parse_record` takes beside the record."""

    schemas: Mapping[str, Schema]
    agency_id: int
    agency_code: str
    today: date
    numbering: Numbering


@dataclass(slots=True)
class _Columns:
    """Values of lines of one shape, by name, and the lines whose value is not acceptable."""

    values: dict[str, Column] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    with_gaps: set[str] = field(default_factory=set)

    def read(self, name: str, read: Callable[[Any], Any], column: Column) -> None:
        """Read value by value."""
        read_values: list[Any] = []
        for at, raw in enumerate(column):
            try:
                read_values.append(read(raw))
            except Unacceptable:
                self.bad.add(at)
                read_values.append(None)
        self.values[name] = read_values

    def without_bad(self) -> None:
        if self.bad:
            good = [at not in self.bad for at in range(len(next(iter(self.values.values()))))]
            self.values = {name: list(compress(column, good)) for name, column in self.values.items()}


def parse_many(datas: Sequence[Mapping[str, Any] | None], options: Options) -> list[Row | None]:
    """Return the row of each record; None: it is to be parsed alone."""
    rows: list[Row | None] = [None] * len(datas)
    for (kind, shape), places in _by_shape(datas).items():
        schema = options.schemas.get(kind)
        if len(places) >= FEWEST and schema is not None and schema.agency_id == options.agency_id:
            for at, row in _rows([datas[at] for at in places], schema, shape, options):
                rows[places[at]] = row
    return rows


def _by_shape(datas: Iterable[Mapping[str, Any] | None]) -> dict[tuple[str, tuple[str, ...]], list[int]]:
    """Return the places of records with the same data type and the same names of fields in the same order."""
    places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for at, data in enumerate(datas):
        if type(data) is dict and type(kind := data.get("data_type")) is str:
            fields = data.get("fields")
            key = kind, tuple(fields if type(fields) is dict else data)
            if (found := places.get(key)) is None:
                places[key] = [at]
            else:
                found.append(at)
    return places


def _rows(datas: Sequence[Any], schema: Schema, shape: tuple[str, ...], options: Options) -> Iterable[tuple[int, Row]]:
    """Yield place and row of each record that is acceptable as far as it is looked at here."""
    columns = _Columns({"place": range(len(datas))})
    _read_heads(columns, datas, options)
    fields = [data["fields"] if type(data.get("fields")) is dict else data for data in datas]
    given = dict(zip(shape, zip(*map(dict.values, fields), strict=True), strict=True))
    for rule in schema.rules:
        _read_column(columns, rule, given.get(rule.name))
    columns.without_bad()
    heads = columns.values
    if not heads["place"]:
        return []
    names = [rule.name for rule in schema.rules if f"field:{rule.name}" in heads]
    typed = {name: heads[f"field:{name}"] for name in names}
    values = _values(typed, has_gaps=bool(columns.with_gaps)) if typed else [{} for _ in heads["place"]]
    states, unquotable = _states(heads["state"], schema, values)
    cleared = _cleared(columns, typed, len(values))
    rows = _sealed(heads, states, typed, values, cleared, schema, options)
    found = zip(heads["place"], rows, strict=True)
    return [placed for nth, placed in enumerate(found) if nth not in unquotable] if unquotable else found


def _read_heads(columns: _Columns, datas: Sequence[Data], options: Options) -> None:
    """Read what every record has: its number, version, state, event and person."""
    numbering = options.numbering
    ids: Column = [data.get("external_id") for data in datas]
    if numbering.id_digits is None and _are_plain(ids):
        columns.values["external_id"] = ids
    else:
        columns.read("external_id", lambda value: external_id_of(value, numbering), ids)
    _read_codes(columns, "state", state_of, [data.get("state") for data in datas])
    _read_codes(columns, "event", event_of, [data.get("event") for data in datas])
    versions: Column = [data.get("version") for data in datas] if numbering.versions else [1] * len(datas)
    if set(map(type, versions)) == {int} and min(versions) >= 1 and max(versions) <= MOST_VERSIONS:
        columns.values["version"] = versions
    else:
        columns.read("version", version_of, versions)
    _read_subjects(columns, datas, options.today)


def _read_codes(columns: _Columns, name: str, read: Callable[[Any], str], column: Column) -> None:
    try:
        known = {value: read(value) for value in set(column)}
    except (TypeError, Unacceptable):
        columns.read(name, read, column)
    else:
        columns.values[name] = list(map(known.__getitem__, column))


def _read_subjects(columns: _Columns, datas: Sequence[Data], today: date) -> None:
    subjects = [subject if type(subject := data.get("subject")) is dict else data for data in datas]
    cis: Column = [subject.get("ci") for subject in subjects]
    if any(subject.get("name") for subject in subjects) or not _are_cis(cis):
        columns.read("subject", lambda data: subject_of(data, today), datas)
    else:
        columns.values["subject"] = [(ci, None, None) for ci in ci_indexes(cis)]


def _are_plain(ids: Column) -> bool:
    """Return whether all are numbers of which nothing else is to check."""
    try:
        joined = "\n".join(ids) + "\n"
    except TypeError:
        return False
    return joined.count("\n") == len(ids) and _PLAIN_NUMBERS.fullmatch(joined) is not None


def _are_cis(values: Column) -> bool:
    try:
        return set(map(len, values)) == _CI_LENGTHS and _CIS.fullmatch("".join(values)) is not None
    except TypeError:
        return False


def _read_column(columns: _Columns, rule: FieldRule, column: Column | None) -> None:
    """Read the values of one field; None in place of a missing one. A name that no record has stays out."""
    name = f"field:{rule.name}"
    if column is None:
        _refuse_missing(columns, rule, (None,) * len(columns.values["place"]))
        return
    read = rule.read_column(column)
    if read is not None:
        columns.values[name] = read
        return
    columns.with_gaps.add(name)
    values = without_gaps(rule.read_column, column)
    if values is None:
        columns.read(name, lambda raw: _one(rule, raw), column)
    else:
        columns.values[name] = values
    _refuse_missing(columns, rule, columns.values[name])


def _one(rule: FieldRule, raw: Any) -> Any:
    """Return one value, None where it is missing or holds only blanks and hidden characters."""
    if raw is None or raw == "":
        return None
    value = rule.read(raw)
    return value if value or type(value) is not str else None


def _refuse_missing(columns: _Columns, rule: FieldRule, values: Iterable[Any]) -> None:
    if rule.required or rule.required_for:
        whose = zip(values, columns.values["event"], columns.values["state"], strict=True)
        columns.bad.update(
            at for at, (value, event, state) in enumerate(whose) if value is None and rule.is_required(event, state)
        )


def _values(typed: Mapping[str, Column], *, has_gaps: bool) -> list[dict[str, Any]]:
    """Return the values of each record by name, in the order of the fields, without missing ones."""
    names = tuple(typed)
    rows = zip(*typed.values(), strict=True)
    if has_gaps:
        return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _states(states: Column, schema: Schema, values: Sequence[dict[str, Any]]) -> tuple[Column, set[int]]:
    """Return the states that debts come to, and the records of which no amount can be quoted."""
    if not schema.owed:
        return states, set()
    came_to = _Columns()
    came_to.read("state", lambda one: state_of_a_debt(one[0], schema, one[1]), list(zip(states, values, strict=True)))
    return came_to.values["state"], came_to.bad


def _sealed(
    heads: Mapping[str, Column],
    states: Column,
    typed: Mapping[str, Column],
    values: Sequence[dict[str, Any]],
    cleared: Iterable[tuple[str, ...]],
    schema: Schema,
    options: Options,
) -> list[Row]:
    size = len(values)
    payloads = list(map(orjson.dumps, values))
    ids, events = heads["external_id"], heads["event"]
    ci_hashes, person_hashes, former_hashes = zip(*heads["subject"], strict=True)
    announced = zip(*(typed.get(name, (None,) * size) for name in schema.announced), strict=True)
    digests = keyed_digests(map(orjson.dumps, announced if schema.announced else repeat((), size)))
    bound_to = [Record.payload_bound_to(options.agency_code, number) for number in ids]
    dates, happens_at = _dates(schema, typed, size)
    columns = (
        *(ids, repeat(schema.data_type_id), heads["version"], states, events, ci_hashes, person_hashes),
        *(dates, happens_at, digests, cipher().encrypt_all(payloads, bound_to=bound_to)),
        content_digests(schema, zip(states, events, ci_hashes, person_hashes, payloads, strict=True)),
        *(former_hashes, cleared),
    )
    return list(map(Row._make, zip(*columns, strict=False)))


def _dates(schema: Schema, typed: Mapping[str, Column], size: int) -> tuple[Iterable[Any], Column]:
    """Return the clear columns of dates, as four to a record, and the instants at which something happens."""
    slots: list[Column] = [(None,) * size] * 4
    happens_at: Column = (None,) * size
    for name, slot, is_deadline in schema.dated:
        if (column := typed.get(name)) is None:
            continue
        day_of: dict[Any, date | None] = {value: _day(value, is_deadline) for value in set(column)}
        days = list(map(day_of.__getitem__, column))
        if any(type(value) is datetime for value in day_of):
            happens_at = [before or now for before, now in zip(happens_at, column, strict=True)]
        if None in day_of:
            days = [before if day is None else day for before, day in zip(slots[slot - 1], days, strict=True)]
        slots[slot - 1] = days
    return zip(*slots, strict=True), happens_at


def _day(value: Any, is_deadline: bool) -> date | None:
    if value is None:
        return None
    day = kst_date(value) if type(value) is datetime else value
    return moved(day) if is_deadline else day


def _cleared(columns: _Columns, typed: Mapping[str, Column], size: int) -> Iterable[tuple[str, ...]]:
    """Return the fields of each record from which a link was removed."""
    names = [name for name in typed if f"field:{name}" in columns.with_gaps and Cleared in set(map(type, typed[name]))]
    if not names:
        return repeat((), size)
    rows = zip(*(typed[name] for name in names), strict=True)
    return [tuple(name for name, value in zip(names, row, strict=True) if type(value) is Cleared) for row in rows]
