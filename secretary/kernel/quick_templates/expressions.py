"""Read what an expression of a template names: the usual ones without Django's detours, all others by Django itself.

Django asks of each name whether it is a key, an attribute or a place in a list, by errors that it raises and catches.
Here a look-up ends as soon as something is unusual (a name that is missing, an error), and Django's own
code begins again from the start; so what comes out is always what Django says.
"""

from collections.abc import Sequence
from types import MethodType
from typing import Any, Final

from django.forms import BaseForm, BoundField
from django.template.base import FilterExpression, Parser
from django.utils.safestring import SafeData, mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]

UNUSUAL: Final = object()


class QuickExpression(FilterExpression):
    """`{{ bill.amount|won }}`, or the part of a tag that looks like it."""

    __slots__ = ("_first", "_others", "_steps")

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        names: tuple[str, ...] = (self.var.lookups if self.is_var else None) or ("",)
        self._first, self._others = names[0], names[1:]
        self._steps = [_Step(function, arguments) for function, arguments in self.filters]

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        if not self._first or self.var.translate:  # a constant; {% translate %} of a value
            return super().resolve(context, ignore_failures)
        value = looked_up(self._first, self._others, context)
        if value is UNUSUAL:
            return super().resolve(context, ignore_failures)
        for step in self._steps:
            value = step.applied(value, context)
        return value


class _Step:
    """One filter with its arguments, as FilterExpression.resolve applies it."""

    __slots__ = ("_arguments", "_as_local_time", "_function", "_is_safe", "_plain", "_wants_autoescape")

    def __init__(self, function: Any, arguments: Sequence[tuple[bool, Any]]) -> None:
        self._function, self._arguments = function, arguments
        self._plain = [mark_safe(each) for varies, each in arguments if not varies]  # noqa: S308  (of the template)
        self._as_local_time = getattr(function, "expects_localtime", False)
        self._wants_autoescape = getattr(function, "needs_autoescape", False)
        self._is_safe = getattr(function, "is_safe", False)

    def applied(self, value: Any, context: Any) -> Any:
        arguments: list[Any] = self._plain
        if len(arguments) != len(self._arguments):
            arguments = [
                each.resolve(context) for _varies, each in self._arguments
            ]  # a filter has one argument at most
        if self._as_local_time:
            value = template_localtime(value, context.use_tz)
        if self._wants_autoescape:
            found = self._function(value, *arguments, autoescape=context.autoescape)
        else:
            found = self._function(value, *arguments)
        return mark_safe(found) if self._is_safe and isinstance(value, SafeData) else found  # noqa: S308  (as Django)


def looked_up(first: str, others: Sequence[str], context: Any) -> Any:
    """Return what `first.other.other` is in a context, or UNUSUAL."""
    for layer in reversed(context.dicts):
        if first in layer:
            value = layer[first]
            break
    else:
        return UNUSUAL
    try:
        if callable(value):
            value = _called(value)
        for name in others:
            value = _part(value, name) if hasattr(type(value), "__getitem__") else getattr(value, name)
            if callable(value):
                value = _called(value)
    except Exception:  # Django finds it again, and does with it what it does
        return UNUSUAL
    return value


def _part(value: Any, name: str) -> Any:
    """Return what stands under a key, or else the attribute; of forms without an error in between."""
    if isinstance(value, BoundField) or (isinstance(value, BaseForm) and name not in value.fields):
        return getattr(value, name)
    try:
        return value[name]
    except (TypeError, AttributeError, KeyError, ValueError, IndexError):
        return getattr(value, name)


def _called(value: Any) -> Any:
    """Return what a method returns."""
    if type(value) is not MethodType or hasattr(value, "alters_data") or hasattr(value, "do_not_call_in_templates"):
        raise TypeError("not a plain method")
    return value()
