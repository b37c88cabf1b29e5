"""Render once per process what is the same on every page: header, footer, navigation.

    {% kept signed_in display.text_size fill at=session_end.at|unbroken %}…{% endkept %}

The markup between the tags may depend on the language, on the values that are named (of which there are few, and none
is a person's), and on nothing else. What differs from page to page is named after `fill`: its place is kept, and the
value of this page is put there. `csrf_token` and `here_path` are filled by themselves.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from secretary.kernel.quick_templates.code import Code
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


def _write(node: KeptNode, code: Code) -> None:
    named = "".join(f"{value_of(each, code)}, " for each in node.named)
    filled = ", ".join(f"{name!r}: {value_of(each, code)}" for name, each in node.filled.items())
    code.add(f"write({code.keep(node)}.written((key, {named}), {{{filled}}}, {code.names}, context))")


WRITERS[KeptNode] = _write


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    words = token.split_contents()[1:]
    cut = words.index("fill") if "fill" in words else len(words)
    named = [parser.compile_filter(word) for word in words[:cut]]
    filled = token_kwargs(words[cut + 1 :], parser)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, named, filled)
