"""Compose a query of a page once per process, and run it with other values.

Django writes the SQL of a query anew each time, which takes as long as running it: a quarter of a page. Only the text
is kept, never a row. Rows come as the query set's own: instances with what `select_related` reads along, or values.

    MINE = KeptQuery(lambda citizen: Bill.objects.filter(citizen=citizen).order_by("-id"))
    MINE.rows(citizen=citizen.pk)
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from inspect import signature
from itertools import count, islice
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

from secretary.kernel.database.kept_rows import Reader, Row
from secretary.kernel.database.prepared import Planned, planned

NUMBERED = "number_of_its_row"
PART = "(SELECT row_number() OVER () AS {numbered}, kept.* FROM ({kept}) kept) part_{place}"
MOST = 200  # texts of one query: it has another one for each of what is written into it
PLACES = re.compile(r"IN \(%s(?:, %s)*\)|%s|%%")
_numbers = count(4_611_686_018_427_387_904)  # beyond any number of ours, within a bigint
_Key = tuple[Any, ...]


class _Tuples:
    """Reads rows of a text of our own."""

    def read(self, rows: Sequence[Row]) -> Iterable[Row]:
        return rows


class Composed(NamedTuple):
    """One text. `parameters`: the names of the values, in the order of their places."""

    reader: Reader | _Tuples
    sql: Planned
    parameters: Sequence[str]


class KeptQuery:
    """A query with values that differ from call to call.

    `compose` returns the query set for the values that it is given by name. A value may be a list, to which `__in`
    compares: one text serves all lengths. It may not be what the SQL is made of (the end of a slice, a flag): such
    things are given in order, before them, and for each there is a text of its own. A value is handed over as the field
    takes it: `pk`, not an instance.
    """

    def __init__(self, compose: Callable[..., QuerySet[Any]]) -> None:
        self._compose = compose
        self._kept: dict[_Key, Composed] = {}

    @property
    def names(self) -> Sequence[str]:
        """Return the names of what it takes."""
        return tuple(signature(self._compose).parameters)

    def rows(self, *written: Any, **values: Any) -> list[Any]:
        """Return all rows. With an empty list it is composed each time, and where there are very many texts of it."""
        lists = {name: list(value) for name, value in values.items() if isinstance(value, list | tuple | set)}
        values |= lists
        if not all(lists.values()):
            return list(self._compose(*written, **values))
        found = self.composed(*written, **values)
        return list(self._compose(*written, **values) if found is None else _run(found, values))

    def composed(self, *written: Any, **values: Any) -> "Composed | None":
        """Return the text, of the first call with these values or their like; None where there are too many texts."""
        found = self._kept.get(written)
        if found is None and len(self._kept) < MOST:
            found = self._kept[written] = _composed(self._compose, written, values)
        return found

    def first(self, *written: Any, **values: Any) -> Any:
        """Return the first row; None where there is none. The query set is to be cut to one."""
        return next(iter(self.rows(*written, **values)), None)


class Beside:
    """The first row of a kept query, read by a statement that reads one row of something else.

    `text`: selects that row's `columns`, then `kept.*`, from a join to `({kept}) kept`, which stands before its own
    parameters.
    """

    def __init__(self, query: KeptQuery, text: str, *, columns: int) -> None:
        self._query, self._text, self._columns = query, text, columns
        self._planned: Planned | None = None

    def row(self, *own: Any, **values: Any) -> tuple[Row, Any] | None:
        """Return its row, and with it that of the kept query, or None; None where there is no such row at all."""
        composed = self._query.composed(**values)
        if composed is None:
            raise ValueError("a query with one text is to stand beside another one")
        if self._planned is None:
            self._planned = planned(self._text.format(kept=composed.sql))
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._planned, [*(values[name] for name in composed.parameters), *own])
            found = cursor.fetchone()
        if found is None:
            return None
        mine, kept = found[: self._columns], found[self._columns :]
        is_there = any(value is not None for value in kept)
        return mine, next(iter(composed.reader.read([kept]))) if is_there else None


class KeptText:
    """A text of our own, which can be read together with kept queries: its rows are tuples. `parameters`: the names of
    its values, in the order of their places (%s)."""

    def __init__(self, sql: str, *parameters: str) -> None:
        self.names: Sequence[str] = parameters
        self._composed = Composed(_Tuples(), planned(sql), parameters)

    def composed(self, **_values: Any) -> Composed:
        return self._composed

    def rows(self, **values: Any) -> list[Row]:
        return list(_run(self._composed, values))


class _Joined(NamedTuple):
    """What is read together. `readers`: of each query, by its name."""

    sql: Planned
    parameters: Sequence[str]
    readers: Mapping[str, Reader | _Tuples]


class Together:
    """Queries that know nothing of each other, read by one statement.

        FOUND = Together(phone=PHONE, channels=CHANNELS)
        FOUND.rows(citizen=citizen.pk)["phone"]

    Each returns the rows that it would return alone, in its order. They share the values of one name. Nothing is
    written into their texts: the end of a slice stands in the query set. A list to which they compare has a value.
    """

    def __init__(self, **queries: KeptQuery | KeptText) -> None:
        self._queries = queries
        self._joined: _Joined | None = None
        self._places: list[tuple[str, int, int]] = []  # each query's: where its rows are numbered, and their end

    def rows(self, **values: Any) -> dict[str, list[Any]]:
        """Return all rows of each query, by its name."""
        values |= {name: list(value) for name, value in values.items() if isinstance(value, list | tuple | set)}
        joined = self._joined
        if joined is None:
            joined = self._joined = _join(self._queries, values)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(joined.sql, [values[name] for name in joined.parameters])
            found = cursor.fetchall()
            places = self._places or _places(list(joined.readers), cursor.description)
        self._places = places
        rows: dict[str, list[Row]] = {name: [] for name in joined.readers}
        for row in found:
            name, start, end = next(place for place in places if row[place[1]] is not None)
            rows[name].append(row[start:end])
        return {name: _read(reader, rows[name]) for name, reader in joined.readers.items()}


def _join(queries: Mapping[str, KeptQuery | KeptText], values: Mapping[str, Any]) -> _Joined:
    """Join them without any row that goes with another: each row has the columns of one query, and NULL elsewhere."""
    parts: list[str] = []
    parameters: list[str] = []
    readers: dict[str, Reader | _Tuples] = {}
    for name, query in queries.items():
        composed = query.composed(**{each: values[each] for each in query.names})
        if composed is None:
            raise ValueError(f"{name} has many texts")
        parts.append(PART.format(numbered=NUMBERED, kept=composed.sql, place=len(parts)))
        parameters += composed.parameters
        readers[name] = composed.reader
    joined = " FULL JOIN ".join([parts[0], *(f"{part} ON false" for part in parts[1:])])
    return _Joined(planned(f"SELECT * FROM {joined}"), parameters, readers)  # noqa: S608  (texts of ours)


def _places(names: Sequence[str], columns: Sequence[Any]) -> list[tuple[str, int, int]]:
    starts = [place for place, column in enumerate(columns) if column[0] == NUMBERED]
    return list(zip(names, starts, [*starts[1:], len(columns)], strict=True))


def _read(reader: Reader | _Tuples, rows: list[Row]) -> list[Any]:
    """Read numbered rows in their order."""
    return list(reader.read([row[1:] for row in sorted(rows, key=itemgetter(0))])) if rows else []


def put_along(rows: Sequence[Model], name: str, related: Iterable[Model], *, of: str) -> None:
    """Keep the related rows of each row with it, for `along`. `of`: the foreign key by which they belong to it."""
    found: dict[Any, list[Model]] = {row.pk: [] for row in rows}
    by_key, column = {row.pk: row for row in rows}, f"{of}_id"
    for each in related:
        key = getattr(each, column)
        found[key].append(each)
        each._state.fields_cache[of] = by_key[key]
    for row in rows:
        row.__dict__[f"{name} read along"] = found[row.pk]


def along(row: Model, name: str) -> list[Any]:
    """Return the related rows that `put_along` has kept with this row."""
    kept: list[Any] = row.__dict__[f"{name} read along"]
    return kept


def _composed(compose: Callable[..., QuerySet[Any]], written: Sequence[Any], values: Mapping[str, Any]) -> Composed:
    """Compose it with marks in place of the values, and find where they have come to stand."""
    marks = {
        name: [_mark(value[0]), _mark(value[0])] if isinstance(value, list) else _mark(value)
        for name, value in values.items()
    }
    rows = compose(*written, **marks)
    compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
    text, parameters = _text(*compiler.as_sql(), marks=marks)
    reader = Reader(rows, compiler)
    compiler.connection = None  # it is one thread's
    if missing := set(marks) - set(parameters):
        raise ValueError(f"{sorted(missing)}: not a parameter of {text}")
    return Composed(reader, planned(text), parameters)


def _text(sql: str, parameters: Sequence[Any], *, marks: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the text with values in the places of marks, lists of any length as arrays, and constants written out;
    and the names of the values in the order of their places."""
    names = {_comparable(mark): name for name, mark in marks.items()}
    left, found = iter(parameters), []

    def one(parameter: Any) -> str:
        name = names.get(_comparable(parameter))
        if name is None:
            return _written_out(parameter)
        found.append(name)
        return "%s"

    def place(matched: re.Match[str]) -> str:
        if matched[0] == "%%":
            return "%%"
        taken = list(islice(left, matched[0].count("%s")))
        if matched[0] == "%s":
            return one(*taken)
        return f"= ANY({one(taken)})" if _comparable(taken) in names else f"IN ({', '.join(map(one, taken))})"

    return PLACES.sub(place, sql), found


def _written_out(constant: Any) -> str:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        return str(cursor.mogrify("%s", [constant]).decode().replace("%", "%%"))


def _run(composed: Composed, values: Mapping[str, Any]) -> Iterable[Any]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(composed.sql, [values[name] for name in composed.parameters])
        found = cursor.fetchall()
    return composed.reader.read(found)


def _mark(value: Any) -> Any:
    """Return a value of the same type that is no other's."""
    number = next(_numbers)
    marks: list[tuple[type, Callable[[], Any]]] = [
        (int, lambda: number),
        (UUID, lambda: UUID(int=number)),
        (datetime, lambda: datetime(1800, 1, 1, tzinfo=UTC) + timedelta(microseconds=number % 10**12)),
        (date, lambda: date(1, 1, 1) + timedelta(days=number % 500_000)),
        (str, lambda: f"kept {number}"),
    ]
    for kind, mark in marks:
        if isinstance(value, kind) and not isinstance(value, bool):
            return mark()
    if isinstance(value, bytes | memoryview):
        return b"kept %d" % number
    raise TypeError(f"{type(value)} is no value of a kept query")


def _comparable(parameter: Any) -> Any:
    """Return what parameters are told apart by: psycopg2 wraps bytes."""
    if isinstance(parameter, list):
        return tuple(map(_comparable, parameter))
    inner = getattr(parameter, "adapted", parameter)
    return bytes(inner) if isinstance(inner, memoryview) else inner if getattr(inner, "__hash__", None) else id(inner)
