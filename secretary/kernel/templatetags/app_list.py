"""The models beside and on the pages of the administration: Django's template, rendered once per process for each app.

Every page lists all models, which takes half of the time of a page. What differs is the language, the rights of the
account, and which app and model the page belongs to.
"""

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import template
from django.contrib import admin
from django.template import engines
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
MOST = 500  # apps as rendered: 40 models, a few languages and roles
_kept: dict[Hashable, str] = {}


@register.simple_tag(takes_context=True)
def listed_apps(context: Any) -> SafeString:
    request, links = context["request"], bool(context.get("show_changelinks"))
    path = quote(request.path)
    listed = [_rendered(request, [app], links, _seen(app, path)) for app in context["app_list"]]
    return SafeString("".join(listed) if listed else _rendered(request, [], links, None))


def _seen(app: dict[str, Any], path: str) -> Hashable:
    """Return all of an app that its markup depends on."""
    models = tuple(
        (
            each["object_name"],
            each["admin_url"],
            each["add_url"],
            each.get("view_only"),
            (each["admin_url"] or "?") in path,
        )
        for each in app["models"]
    )
    return app["app_label"], app["app_url"] in path, models


def _rendered(request: Any, apps: list[dict[str, Any]], links: bool, seen: Hashable) -> str:
    key = (get_language(), links, seen)
    found = _kept.get(key)
    if found is None:
        found = _template().render({"app_list": apps, "show_changelinks": links, "request": request})
        if len(_kept) < MOST:
            _kept[key] = found
    return found


@cache
def _template() -> Any:
    """Django's own, which the one of ours of that name hides."""
    written = Path(admin.__path__[0], "templates/admin/app_list.html").read_text(encoding="utf-8")
    return engines["django"].from_string(written)
