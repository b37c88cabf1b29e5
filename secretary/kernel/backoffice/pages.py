"""Define the two kinds of page: one that may be edited, one that shows what machines wrote."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst

from secretary.kernel.backoffice.column_words import column_words, worded_column, yes_or_no
from secretary.kernel.backoffice.keyset import KeysetList, is_by_key
from secretary.kernel.backoffice.typed_again import fill_again, typed_again

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
    BasePaginator = Paginator[Any]
else:
    BaseAdmin = admin.ModelAdmin
    BasePaginator = Paginator

COUNTED = 2000  # rows that a list counts and can be paged through; filters lead to the others


class BoundedPaginator(BasePaginator):
    """Never counts a whole table: after COUNTED rows it stops counting, and paging ends there."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:COUNTED].count())


class PlainAdmin(BaseAdmin):
    """An ordinary page whose lists cost the same however large the table is. `value_words`: of a column with codes, the
    words for each."""

    value_words: Mapping[str, Mapping[str, Any]] = {}
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self._worded(name) for name in super().get_list_display(request)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        links = super().get_list_display_links(request, list_display)
        return links and [self._worded(name) for name in links]

    def _worded(self, name: Any) -> Any:
        return worded_column(self.model, name, self.value_words.get(name) or yes_or_no(self.model, name))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        names = {*(each for field in self.opts.concrete_fields for each in (field.name, field.attname))}
        words = {name: found for name in names if (found := column_words(self.model, name))}
        form = super().get_form(request, obj, change=change, **{"labels": words, **kwargs})
        typed = typed_again(request)
        return form if typed is None else _with_typed(form, typed)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Let the buttons of the header send along what is typed."""
        if add or self.has_change_permission(request, obj):
            context = {**context, "page_form": f"{self.opts.model_name}_form"}
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; those with codes in words where the row may only be read."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return [
            (name, {**options, "fields": [self._when_read(each) for each in options["fields"]]})
            for name, options in found
        ]

    def _when_read(self, name: Any) -> Any:
        return self._worded(name) if isinstance(name, str) and self._has_codes(name) else name

    def _has_codes(self, name: str) -> bool:
        return name in self.value_words or yes_or_no(self.model, name) is not None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Its title is what is listed: Django's own ("Select … to view") has no right particle in Korean."""
        return super().changelist_view(
            request, {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name)}
        return super().change_view(request, object_id, form_url, {**title, **(extra_context or {})})


def _with_typed(form: Any, typed: Any) -> Any:
    """Return the form class, so that its new forms show what was typed."""

    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        form.__init__(self, *args, **kwargs)
        fill_again(self, typed)

    return type(form)(form.__name__, (form,), {"__init__": begin})


class ReadOnlyAdmin(PlainAdmin):
    """Pages of history and hot tables: rows are not added, changed or deleted by hand."""

    actions: Any = None

    @cached_property
    def is_keyset(self) -> bool:
        """Whether it is paged by key. Other lists are short, or an index gives the few rows that can be paged to."""
        return is_by_key(self.ordering or self.opts.ordering, self.model)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetList if self.is_keyset else super().get_changelist(request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [self._when_read(name) for name in super().get_fields(request, obj)]

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if self.is_keyset else super().get_sortable_by(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def staff_id(request: HttpRequest) -> int:
    """Return the account of the signed-in member of staff; admin views admit no other visitors."""
    assert request.user.pk is not None
    return int(request.user.pk)


def actor_of(request: HttpRequest) -> str:
    """Return how the audit trail names this member of staff: `staff:3`."""
    return f"staff:{staff_id(request)}"
