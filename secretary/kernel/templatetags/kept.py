"""Render once per process what is the same on every page: addresses, header, footer, navigation.

    {% kept signed_in display.text_size fill at=session_end.at|unbroken %}…{% endkept %}

The markup between the tags may depend on the language, on the values that are named (of which there are few, and none
is a person's), and on nothing else. What differs from page to page is named after `fill`: its place is kept, and the
value of this page is put there. `csrf_token` and `here_path` are filled by themselves.

`{% url %}` is of every template (settings): looking an address up takes 10 µs, and a list has one in each row. Kept are
those in which nothing but one number or one code varies; all other forms of the tag are Django's own.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.defaulttags import URLNode, url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from secretary.kernel.quick_templates.code import Code
from secretary.kernel.quick_templates.expressions import Unknown, is_text
from secretary.kernel.quick_templates.expressions import value as value_of
from secretary.kernel.quick_templates.nodes import WRITERS
from secretary.kernel.quick_templates.running import Seen, current_key, escape, names_of

register = template.Library()
FILLED_ALWAYS = ("csrf_token", "here_path")
MOST = 200  # of one place, so that a mistake in what is named does not fill the memory
_mark = f"kept{secrets.token_hex(8)}"  # no page's text has it
_MARKED = re.compile(rf"{_mark}_(\w+?)_end")


class KeptNode(template.Node):
    """One place of a template, with what it has been rendered to."""

    def __init__(
        self, nodelist: NodeList, named: list[FilterExpression], filled: Mapping[str, FilterExpression]
    ) -> None:
        self.nodelist, self.named, self.filled = nodelist, named, filled
        self._kept: dict[Hashable, list[str]] = {}

    def render(self, context: Any) -> SafeString:
        key = (current_key(), *(each.resolve(context) for each in self.named))
        filled = {name: each.resolve(context) for name, each in self.filled.items()}
        return self.written(key, filled, names_of(context), context)

    def written(self, key: Hashable, filled: Mapping[str, Any], names: Mapping[str, Any], context: Any) -> SafeString:
        """Return the markup of a key, with the values of this page."""
        pieces = self._kept.get(key)
        if pieces is None:
            pieces = self._pieces(names, context)
            if len(self._kept) < MOST:
                self._kept[key] = pieces
        if len(pieces) == 1:
            return SafeString(pieces[0])
        written = pieces.copy()
        for place in range(1, len(pieces), 2):
            written[place] = _put(pieces[place], filled, names)
        return SafeString("".join(written))

    def _pieces(self, names: Mapping[str, Any], context: Any) -> list[str]:
        """Return the markup, cut at the places that are filled: every second piece is the name of one."""
        places = {name: f"{_mark}_{name}_end" for name in (*FILLED_ALWAYS, *self.filled)}
        with Seen(context, {**names, **places}) as seen:
            return _MARKED.split(self.nodelist.render(seen))


def _put(name: str, filled: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    if name == "csrf_token":  # lazy: each look at what it is costs more than the token
        return escape(str(names.get(name, "")))
    value = filled[name] if name in filled else names.get(name, "")
    value = value() if callable(value) else value
    return escape(value) if type(value) is str else conditional_escape(value)


def _write_kept(node: KeptNode, code: Code) -> None:
    named = "".join(f"{value_of(each, code)}, " for each in node.named)
    filled = ", ".join(f"{name!r}: {value_of(each, code)}" for name, each in node.filled.items())
    code.add(f"write({code.keep(node)}.written((key, {named}), {{{filled}}}, {code.names}, context))")


WRITERS[KeptNode] = _write_kept


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    words = token.split_contents()[1:]
    cut = words.index("fill") if "fill" in words else len(words)
    named = [parser.compile_filter(word) for word in words[:cut]]
    filled = token_kwargs(words[cut + 1 :], parser)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, named, filled)


# ── addresses ──
SOME_NUMBER, SOME_CODE = 7_777_777_777, "some-code-77"
_is_code = re.compile(r"[A-Za-z0-9_-]+").fullmatch  # written as it is, and taken by `slug` and `str`
_known: dict[tuple[object, ...], list[str] | None] = {}


class QuickURLNode(URLNode):
    """A route of one of our own namespaces, which exist once, with no argument, a whole number or a code."""

    @property
    def is_constant(self) -> bool:
        name = self.view_name.var
        return not self.args and is_text(self.view_name) and ":" in name and not name.startswith("admin:")

    def render(self, context: Any) -> Any:
        name = self.view_name.resolve(context)
        value = self.args[0].resolve(context) if self.args else None
        is_ours = ":" in name and not name.startswith("admin:")
        pieces = (_around(name, value) if self.args else _pieces(name, None)) if is_ours else None
        return super().render(context) if pieces is None else str(value).join(pieces)


def _around(name: str, value: Any) -> list[str] | None:
    """Return what stands before and after such a value in the route's address; None where only Django knows."""
    if type(value) is int:
        return _pieces(name, SOME_NUMBER) if value >= 0 else None
    return _pieces(name, SOME_CODE) if type(value) is str and _is_code(value) else None


def _write_url(node: QuickURLNode, code: Code) -> None:
    name = node.view_name.var
    if not is_text(node.view_name) or ":" not in name or name.startswith("admin:") or not node.args:
        raise Unknown
    number = value_of(node.args[0], code)
    pieces = code.fresh()
    code.add(f"{pieces} = {code.keep(_around)}({name!r}, {number})", f"if {pieces} is not None:")
    code.add(f"    write(str({number}).join({pieces}))", "else:")
    code.add(f"    write(rendered({code.keep(node)}, context, {code.names}))")


WRITERS[QuickURLNode] = _write_url


@register.tag("url")
def quick_url(parser: Parser, token: Token) -> URLNode:
    node = url(parser, token)
    if node.kwargs or node.asvar or len(node.args) > 1:
        return node
    return QuickURLNode(node.view_name, node.args, node.kwargs, node.asvar)


def address(route: str) -> str:
    """Return the address of a route without arguments; "" where there is none."""
    try:
        [found] = _pieces(route, None) or [""]
    except NoReverseMatch:
        return ""
    return found


def _pieces(name: str, sample: int | str | None) -> list[str] | None:
    """Return the address, cut where the sample stands in it; None where the route takes no code: another text may be a
    number or a UUID. Raises NoReverseMatch."""
    key = (name, sample, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)
    if key not in _known:
        try:
            found = reverse(name, args=[] if sample is None else [sample])
        except NoReverseMatch:
            if sample != SOME_CODE:
                raise
            _known[key] = None
        else:
            _known[key] = [found] if sample is None else found.split(str(sample))
    return _known[key]
