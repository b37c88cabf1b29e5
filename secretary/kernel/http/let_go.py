"""Let all that a request has made go as soon as it is answered.

Much of it points back at the request or at the template's context, and so would wait for the search for garbage: which
takes longer than letting it go, and meanwhile each page is made in other memory, which no processor's cache has. In web
processes only (secretary/wsgi.py).
"""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.backends import django
from django.template.context import Context, ContextDict


def let_go_with(response: HttpResponseBase, request: HttpRequest) -> None:
    """Empty the request once the answer is sent and closed, after what Django does then."""
    response._resource_closers.append(vars(request).clear)  # type: ignore[attr-defined]


def contexts_let_go() -> None:
    """Have the contexts that a view's values become hold no layer that points back at them. Raises AttributeError where
    Django makes them elsewhere."""
    backend: Any = django
    before = backend.make_context
    if getattr(before, "lets_go", False):
        return

    def make_context(values: Any, request: HttpRequest | None = None, **named: Any) -> Context:
        made: Context = before(values, request, **named)
        for layer in made.dicts:
            if isinstance(layer, ContextDict):
                del layer.context  # for `with` alone, in which none of these stands
        return made

    make_context.lets_go = True  # type: ignore[attr-defined]
    backend.make_context = make_context
