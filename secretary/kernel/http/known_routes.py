"""Find the view of an address once per process where nothing in it varies: some fifty patterns are tried.

In web processes only (secretary/wsgi.py), whose routes do not change.
"""

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch

MOST = 500  # so that a pattern that matches anything does not fill the memory


class KnownRoutes(WSGIHandler):
    """Django's WSGI application."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        if hasattr(request, "urlconf"):  # of its own
            return super().resolve_request(request)
        found = self._known.get(request.path_info)
        if found is None:
            found = super().resolve_request(request)
            if not (found.args or found.kwargs) and len(self._known) < MOST:
                self._known[request.path_info] = found
        request.resolver_match = found
        return found
