"""Make model instances from the rows of a kept query, as its query set would, in fewer steps.

At each reading Django finds out which columns belong to which model, sets each field through its descriptor, and makes
a parent again for each of its rows. Here the columns are known with the query's text, and rows of one reading share
the instance of their parent: use the instances for reading only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from inspect import getattr_static
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import ColPairs
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import ModelIterable, RelatedPopulator
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

Row = Sequence[Any]
Made = dict[tuple[Any, ...], Model]  # of one reading


class Reader:
    """Reads the rows of one text. Keeps nothing of them."""

    def __init__(self, rows: QuerySet[Any], compiler: Any) -> None:
        columns = [each[0] for each in compiler.select]
        if any(isinstance(column, ColPairs) for column in columns):
            raise TypeError(f"{rows.model} has a key of several columns")
        self._converters = list(compiler.get_converters(columns).items())
        self._width = compiler.col_count if compiler.has_extra_select else None
        is_of_instances = rows._iterable_class is ModelIterable and not rows._known_related_objects  # type: ignore[attr-defined]
        self._made: Callable[[Iterable[Row]], Iterable[Any]] = (
            _Instances(compiler).of if is_of_instances else _Django(rows, compiler).of
        )

    def read(self, rows: Sequence[Row]) -> Iterable[Any]:
        """`rows`: as psycopg2 returns them."""
        cut = rows if self._width is None else [row[: self._width] for row in rows]
        return self._made(self._converted(cut) if self._converters else cut)

    def _converted(self, rows: Iterable[Row]) -> Iterator[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        for row in rows:
            values = list(row)
            for place, (converters, column) in self._converters:
                for convert in converters:
                    values[place] = convert(values[place], column, connection)
            yield tuple(values)


class _Django:
    """Values, and what else Django's own iterables make."""

    def __init__(self, rows: QuerySet[Any], compiler: Any) -> None:
        self._rows, self._compiler = rows, compiler

    def of(self, rows: Iterable[Row]) -> Iterable[Any]:
        query_set: Any = self._rows
        compiler = _Given(
            self._compiler, results_iter=lambda *_args, **_named: iter(rows), execute_sql=lambda **_named: None
        )
        query = _Given(query_set.query, get_compiler=lambda *_args, **_named: compiler)
        made: Iterable[Any] = query_set._iterable_class(_Given(query_set, db=DEFAULT_DB_ALIAS, query=query))
        return made


class _Given:
    """Has these attributes, and for the rest those of another one."""

    def __init__(self, other: Any, **given: Any) -> None:
        self._other = other
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._other, name)


class _Instances:
    """Instances of a model, with what `select_related` and `annotate` have read along."""

    def __init__(self, compiler: Any) -> None:
        described, select = compiler.klass_info, compiler.select
        fields = described["select_fields"]
        self._slice = slice(fields[0], fields[-1] + 1)
        self._make = _made_by(described["model"], [each[0].target.attname for each in select[self._slice]])
        self._related = _related(described, select)
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def of(self, rows: Iterable[Row]) -> Iterable[Model]:
        together: Made = {}
        make, place, related, annotations = self._make, self._slice, self._related, self._annotations
        found = []
        for row in rows:
            made = make(row[place])
            for each in related:
                each.put(row, made, together)
            for name, column in annotations:
                setattr(made, name, row[column])
            found.append(made)
        return found


class _Related:
    """What `select_related` has read along. One instance for each key: twenty bills have one kind and one agency, which
    Django would make twenty times."""

    def __init__(self, described: Mapping[str, Any], select: Sequence[Any]) -> None:
        populator: Any = RelatedPopulator
        django = populator(described, select, DEFAULT_DB_ALIAS)
        self._values = django.reorder_for_init or (lambda row: row[django.cols_start : django.cols_end])
        self._make, self._key = _made_by(django.model_cls, django.init_list), django.pk_idx
        self._is_shared = not described["reverse"] and not described["field"].unique
        self._local_setter, self._remote_setter = django.local_setter, django.remote_setter
        self._related = _related(described, select)

    def put(self, row: Row, owner: Model, together: Made) -> None:
        values = self._values(row)
        key = (self, values[self._key])
        if key[1] is None:
            self._local_setter(owner, None)
            return
        made = together.get(key)
        if made is None:
            made = self._make(values)
            if self._is_shared:
                together[key] = made
            for each in self._related:
                each.put(row, made, together)
        self._local_setter(owner, made)
        self._remote_setter(made, owner)


def _related(described: Mapping[str, Any], select: Sequence[Any]) -> list[_Related]:
    return [_Related(each, select) for each in described.get("related_klass_infos", ())]


def _made_by(model: type[Model], names: Sequence[str]) -> Callable[[Row], Model]:
    """Return what makes an instance of the values of these fields. Django sets each through its descriptor: here they
    are put where that puts them."""
    if not _is_plain(model):
        return lambda values: model.from_db(DEFAULT_DB_ALIAS, names, values)
    new = model.__new__

    def make(values: Row) -> Model:
        made = new(model)
        state = made._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(names, values, strict=True))
        return made

    return make


@cache
def _is_plain(model: type[Model]) -> bool:
    """Return whether Django would do nothing else when it makes an instance of this model from a row."""
    is_heard = pre_init.has_listeners(model) or post_init.has_listeners(model)
    is_own = model.__init__ is not Model.__init__ or model.from_db.__func__ is not Model.from_db.__func__  # type: ignore[attr-defined]
    kinds = {type(getattr_static(model, field.attname)) for field in model._meta.concrete_fields}
    return not (is_heard or is_own or kinds - {DeferredAttribute, ForeignKeyDeferredAttribute})
