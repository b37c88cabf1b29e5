"""Filter lists by known choices, so that no list reads a whole table to find them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest


def choice_filter(field: str, label: Any, values: Mapping[str, Any]) -> type[admin.SimpleListFilter]:
    """Return a filter of `field` by the keys of `values`, shown as their words."""

    class ChoiceFilter(admin.SimpleListFilter):
        title = label
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
            return [(key, str(words)) for key, words in values.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() in values else queryset

    return ChoiceFilter


def null_filter(field: str, label: Any, *, empty: Any, filled: Any) -> type[admin.SimpleListFilter]:
    """Return a filter by whether `field` is null: `empty` and `filled` are the words for either."""

    class NullFilter(admin.SimpleListFilter):
        title = label
        parameter_name = f"{field}_empty"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
            return [("1", str(empty)), ("0", str(filled))]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if self.value() not in ("0", "1"):
                return queryset
            return queryset.filter(**{f"{field}__isnull": self.value() == "1"})

    return NullFilter


def text_filter(field: str, label: Any) -> type[admin.SimpleListFilter]:
    """Return a filter by exactly the text that the address has; it offers no others."""

    class TextFilter(admin.SimpleListFilter):
        title = label
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
            given = request.GET.get(field)
            return [(given, given)] if given else []

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return TextFilter
