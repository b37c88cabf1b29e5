"""Page through a list by its key: the next page begins behind the last row that was shown. Nothing is counted.

A list with a filter looks at SEEN rows for one page, so that a rare match costs no walk through the whole table; the
next page goes on where it stopped; not beyond the beginning of a chosen period.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"  # in the address: the key behind which older rows, or newer ones, are shown
SEEN = 50_000
OUT_OF_ORDER = timedelta(days=1)  # keys follow the time, but for transactions that were long under way


@dataclass(frozen=True, slots=True)
class Part:
    """What one page shows, newest first. `edge`: the last key that was looked at, where the rows did not end there."""

    rows: list[Any]
    more: bool
    edge: Any


class KeysetList(ChangeList):
    """A change list, newest first, with the addresses of the pages beside this one; "" where there is none."""

    is_keyset = True
    newest = newer = older = ""
    stopped = False  # it has looked at SEEN rows, and not at all of them

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        for ours in (AFTER, BEFORE, ORDER_VAR):
            self.filter_params.pop(ours, None)
        return dict(super().get_filters_params(params))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        after, before = self._key(request, AFTER), self._key(request, BEFORE)
        if before is not None:
            self._show_newer(before)
        else:
            self._show_older(after)
        self.result_count = len(self.result_list)
        self.full_result_count, self.can_show_all, self.multi_page = None, False, False
        self.show_admin_actions = True
        self.paginator = None

    def _show_older(self, after: Any) -> None:
        part = self._part(after, down=True)
        if part.edge is not None and not part.more and self._is_past_period(part.edge):
            part = Part(part.rows, False, None)
        self.result_list = part.rows
        self.stopped = part.edge is not None and not part.more
        end = part.rows[-1].pk if part.more else part.edge
        self.older = self._address(AFTER, end) if end is not None else ""
        if after is not None:
            self.newest = self.get_query_string()
            start = part.rows[0].pk if part.rows else part.edge
            self.newer = self._address(BEFORE, start) if start is not None else ""

    def _show_newer(self, before: Any) -> None:
        part = self._part(before, down=False)
        if not part.more and part.edge is None:  # these are the newest: a whole page of them
            self._show_older(None)
            return
        self.result_list = part.rows
        self.stopped = not part.more
        start = part.rows[0].pk if part.more else part.edge
        end = part.rows[-1].pk if part.rows else part.edge
        self.newest, self.newer = self.get_query_string(), self._address(BEFORE, start)
        self.older = self._address(AFTER, end)

    def _part(self, key: Any, *, down: bool) -> Part:
        """Return a page of rows below the key, or above it; below no key: the newest."""
        order, beyond, within = ("-pk", "pk__lt", "pk__gte") if down else ("pk", "pk__gt", "pk__lte")
        bounds = {beyond: key} if key is not None else {}
        edge = None
        if self._is_filtered():
            keys = self.root_queryset.filter(**bounds).order_by(order).values_list("pk", flat=True)
            edge = next(iter(keys[SEEN - 1 : SEEN]), None)
            bounds |= {within: edge} if edge is not None else {}
        found = list(self.queryset.filter(**bounds).order_by(order)[: self.list_per_page + 1])
        rows = found[: self.list_per_page]
        return Part(rows if down else rows[::-1], len(found) > len(rows), edge)

    def _is_past_period(self, key: Any) -> bool:
        """Return whether that row, and so all rows below it, are from before the chosen period."""
        for begins in filter(None, (getattr(chosen, "begins", None) for chosen in self.filter_specs)):
            column, start = begins
            at = self.root_queryset.filter(pk=key).values_list(column, flat=True).first()
            if at is not None and at < start - OUT_OF_ORDER:
                return True
        return False

    def _is_filtered(self) -> bool:
        """Return whether rows are left out. Rows that are named by their keys are found without a walk."""
        return bool(self.filter_params) and not any(name.startswith("pk__") for name in self.filter_params)

    def _key(self, request: HttpRequest, name: str) -> Any:
        typed = request.GET.get(name)
        try:
            return self.model._meta.pk.to_python(typed) if typed and len(typed) < 40 else None
        except ValidationError:
            return None

    def _address(self, name: str, key: Any) -> str:
        return self.get_query_string({name: key})


def is_by_key(ordering: Any, model: Any) -> bool:
    """Return whether rows in this order are in the order of their keys."""
    key = model._meta.pk
    names = {"pk", key.name, key.attname}
    return all(str(name).lstrip("-") in names for name in (ordering or ["pk"])[:1])
