"""Provide the functions that compiled templates call: look up parts of values, render once what is the same on each
page, find included templates once, and leave unusual tags to Django."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape as escape_all
from types import MethodType
from typing import Any, Final

from django.forms import BaseForm, BoundField
from django.template.base import FilterExpression, Node, VariableDoesNotExist, render_value_in_context
from django.template.loader_tags import IncludeNode, construct_relative_path
from django.templatetags.i18n import BlockTranslateNode
from django.urls import get_script_prefix, get_urlconf
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

BUILT_IN: Final = {"True": True, "False": False, "None": None}  # the first layer of each context
MOST_PLAIN = 1000  # in case classes are made while pages are
PLAIN: set[type] = set()  # classes whose instances have attributes only: no items, and they cannot be called
_is_special: Final = re.compile("[&<>\"']").search
_keys: dict[tuple[Any, ...], str] = {}


def names_of(context: Any) -> dict[str, Any]:
    """Return all that a context has, as one mapping."""
    names: dict[str, Any] = {}
    for layer in context.dicts:
        names.update(layer)
    return names


def current_key() -> str:
    """Return what constants depend on, in one text: the language, and what addresses begin with."""
    found = (get_language(), get_script_prefix(), get_urlconf())
    return _keys.setdefault(found, repr(found))


def part(value: Any, name: str) -> Any:
    """Return what `value.name` is in a template. After any error raised here Django's own
    `resolve` begins again, whose result or error counts.
    """
    if callable(value):
        value = called(value)
    kind = type(value)
    if not hasattr(kind, "__getitem__"):
        if not callable(value) and len(PLAIN) < MOST_PLAIN:
            PLAIN.add(kind)
        return getattr(value, name)
    if isinstance(value, BoundField) or (isinstance(value, BaseForm) and name not in value.fields):
        return getattr(value, name)
    try:
        return value[name]
    except (TypeError, AttributeError, KeyError, ValueError, IndexError):
        return getattr(value, name)


def called(value: Any) -> Any:
    """Return what a method returns; what else can be called is Django's."""
    if type(value) is not MethodType or hasattr(value, "alters_data") or hasattr(value, "do_not_call_in_templates"):
        raise TypeError("not a plain method")
    return value()


def still_safe(before: Any, after: Any) -> Any:
    """Return what a filter made, which is safe if what it got was."""
    return mark_safe(after) if isinstance(before, SafeData) else after  # noqa: S308  (as Django)


def unpacked(item: Any, count: int) -> Any:
    """Return an item of a loop over several names. Raises ValueError, as Django, where it has more or fewer."""
    try:
        size = len(item)
    except TypeError:
        size = 1
    if size != count:
        raise ValueError(f"Need {count} values to unpack in for loop; got {size}. ")
    return item


def turned(loop: dict[str, Any], nth: int, count: int) -> None:
    """Set what `forloop` says in the nth turn of a loop."""
    loop["counter0"], loop["counter"] = nth, nth + 1
    loop["revcounter"], loop["revcounter0"] = count - nth, count - nth - 1
    loop["first"], loop["last"] = nth == 0, nth == count - 1


class Seen:
    """A context as Django's own nodes see it for a while: with the names of this place."""

    __slots__ = ("_before", "_context", "_names")

    def __init__(self, context: Any, names: Mapping[str, Any]) -> None:
        self._context, self._names = context, names

    def __enter__(self) -> Any:
        self._before = self._context.dicts
        self._context.dicts = [BUILT_IN, self._names]
        return self._context

    def __exit__(self, *_error: object) -> None:
        self._context.dicts = self._before


def resolved(expression: FilterExpression, context: Any, names: Mapping[str, Any], missing_is_none: bool) -> Any:
    with Seen(context, names) as seen:
        return expression.resolve(seen, missing_is_none)


def holds(condition: Any, context: Any, names: Mapping[str, Any]) -> Any:
    with Seen(context, names) as seen:
        try:
            return condition.eval(seen)
        except VariableDoesNotExist:  # as Django
            return None


def rendered(node: Node, context: Any, names: Mapping[str, Any]) -> Any:
    with Seen(context, names) as seen:
        return node.render_annotated(seen)


def escape(text: str) -> str:
    """Return a text escaped as Django does; most texts have nothing to be escaped."""
    return escape_all(text) if _is_special(text) else text


def written(value: Any, context: Any) -> str:
    """Return a value as it is written: a text escaped, what is safe as it is, all else by Django."""
    kind = type(value)
    if kind is SafeString:
        return value  # type: ignore[no-any-return]
    return escape(value) if kind is str else text_of(value, context)


def text_of(value: Any, context: Any) -> str:
    written: str = render_value_in_context(value, context)
    return written


# ── what is found or made once ──
class Constant:
    """Texts, translations and addresses side by side. `kept`: as one, by `current_key`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = tuple(nodes)
        self.kept: dict[str, str] = {}

    def text(self, key: str, context: Any) -> str:
        text = self.kept[key] = "".join(str(each.render_annotated(context)) for each in self._nodes)
        return text


class Message:
    """The text of a `{% blocktranslate %}` into which values are put, of the names `names`."""

    def __init__(self, node: BlockTranslateNode) -> None:
        self._singular, names = node.render_token_list(node.singular)
        self._plural, more = node.render_token_list(node.plural) if node.plural else ("", [])
        self.names = list(dict.fromkeys([*names, *more]))
        self.kept: dict[str, str] = {}

    def text(self, key: str) -> str:
        text = self.kept[key] = gettext(self._singular)
        return text

    def counted(self, count: Any) -> str:
        """Raise TypeError for what is not plainly a number."""
        if type(count) is not int:
            raise TypeError
        return ngettext(self._singular, self._plural, count)


class Included:
    """`{% include "a.html" %}`: a template of a constant name is found once."""

    def __init__(self, node: IncludeNode) -> None:
        self._node = node
        self._template: Any = None
        self._page: Any = None

    def write(self, names: dict[str, Any], write: Callable[[str], Any], context: Any, key: str) -> None:
        if self._template is None:
            self._find(context)
        page = self._page
        if page is None:
            write(rendered(self._node, context, names))
        elif page.is_open:
            with context.render_context.push_state(self._template):
                page.root(names, write, context, key, page.blocks)
        else:
            page.root(names, write, context, key, page.blocks)

    def _find(self, context: Any) -> None:
        node = self._node
        name = construct_relative_path(str(node.origin.template_name), node.template.var)
        template = context.template.engine.get_template(name)
        with context.render_context.push_state(template):
            self._page = getattr(template.nodelist, "page", lambda _context: None)(context)
        self._template = template
