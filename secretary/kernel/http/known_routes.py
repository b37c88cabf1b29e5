"""Find the view of an address once per process where nothing but numbers varies in it: some fifty patterns are tried.

In web processes only (secretary/wsgi.py), whose routes do not change. No route of ours has a number that is its own:
where one number fits, each does.
"""

import re
from typing import Final

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch

MOST = 500  # so that a pattern that matches anything does not fill the memory
_NUMBERS: Final = re.compile(r"(?<=/)([0-9]{1,18})(?=/)")
_CONVERTERS: Final = re.compile(r"<(?:(\w+):)?(\w+)>")
_Shape = tuple[str, ...]  # of an address: what stands around its numbers


class KnownRoutes(WSGIHandler):
    """Django's WSGI application."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[_Shape, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        if hasattr(request, "urlconf"):  # of its own
            return super().resolve_request(request)
        pieces = _NUMBERS.split(request.path_info)
        shape, numbers = tuple(pieces[::2]), list(map(int, pieces[1::2]))
        known = self._known.get(shape)
        if known is None:
            found = super().resolve_request(request)
            if _has_only(numbers, found) and len(self._known) < MOST:
                self._known[shape] = found
        else:
            found = _with(numbers, known) if numbers else known
        request.resolver_match = found
        return found


def _has_only(numbers: list[int], found: ResolverMatch) -> bool:
    """Return whether these numbers are all that an address says to its view."""
    return not found.args and list(found.kwargs.values()) == numbers and _kinds(found) == ["int"] * len(numbers)


def _kinds(found: ResolverMatch) -> list[str]:
    return [kind for kind, _name in _CONVERTERS.findall(found.route or "")]


def _with(numbers: list[int], known: ResolverMatch) -> ResolverMatch:
    """Return what Django finds for an address of the same shape."""
    values = dict(zip(known.kwargs, numbers, strict=True))
    return ResolverMatch(
        known.func,
        known.args,
        values,
        known.url_name,
        [*known.app_names],
        [*known.namespaces],
        known.route,
        known.tried,
        captured_kwargs=values,
    )
