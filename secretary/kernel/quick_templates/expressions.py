"""Write expressions of templates as Python: `bill.clock.amount|won`, and the conditions of `{% if %}`.

The Python stands for the usual. As soon as anything is unusual (a name that is missing, an error, what can be called
and is no plain method), it raises, and Django's own code begins again from the start; so what comes out is always what
Django says.
"""

from keyword import iskeyword
from typing import Any

from django.template.base import FilterExpression, Variable
from django.template.defaulttags import TemplateLiteral
from django.utils.safestring import mark_safe

from secretary.kernel.quick_templates.code import Code

BETWEEN = ("or", "and", "in", "not in", "is", "is not", "==", "!=", ">", ">=", "<", "<=")


class Unknown(Exception):
    """Something that only Django writes."""


def value(expression: FilterExpression, code: Code, *, missing_is_none: bool = False) -> str:
    """Write what finds the value of an expression, and return the name that has it."""
    if is_text(expression):
        return code.keep(expression.var)
    python = _python(expression, code, missing_is_none)
    found = code.fresh()
    again = f"resolved({code.keep(expression)}, context, {code.names}, {missing_is_none})"
    code.add("try:", f"    {found} = {python}", "except Exception:", f"    {found} = {again}")
    return found


def condition(each: Any, code: Code) -> str:
    """Write what finds whether a condition holds, and return the name that has it."""
    found = code.fresh()
    python = _condition(each, code)
    again = f"holds({code.keep(each)}, context, {code.names})"
    code.add("try:", f"    {found} = {python}", "except Exception:", f"    {found} = {again}")
    return found


def is_text(expression: FilterExpression) -> bool:
    """Say whether it is a text of the template, as it stands there."""
    return isinstance(expression.var, str) and not expression.filters


def _condition(each: Any, code: Code) -> str:
    if isinstance(each, TemplateLiteral):
        expression: Any = each.value
        return _python(expression, code, missing_is_none=True)
    if each.id == "not":
        return f"(not {_condition(each.first, code)})"
    if each.id in BETWEEN:
        return f"({_condition(each.first, code)} {each.id} {_condition(each.second, code)})"
    raise Unknown


def _python(expression: FilterExpression, code: Code, missing_is_none: bool) -> str:
    python = _variable(expression.var, code, missing_is_none) if expression.is_var else code.keep(expression.var)
    for function, arguments in expression.filters:
        python = _filtered(python, function, arguments, code)
    return python


def _variable(variable: Variable, code: Code, missing_is_none: bool) -> str:
    if variable.translate:
        raise Unknown
    if variable.lookups is None:
        return code.keep(variable.literal)
    first, *others = variable.lookups
    python = f"{code.names}.get({first!r})" if missing_is_none else f"{code.names}[{first!r}]"
    for name in others:
        python = _part(python, name, code, missing_is_none)
    found = code.fresh()
    return f"(called({found}) if callable({found} := {python}) else {found})"


def _part(python: str, name: str, code: Code, missing_is_none: bool) -> str:
    """Return `value.name`; where what is missing counts as None, the parts of None are missing."""
    value = code.fresh()
    here = value if missing_is_none else f"{value} := {python}"
    found = f"part({here}, {name!r})"
    if name.isidentifier() and not iskeyword(name):  # and no place in a list
        other = f"part({value}, {name!r})"
        if not hasattr(dict, name):  # of a mapping only its item can be meant
            item = f"{value}.get({name!r})" if missing_is_none else f"{value}[{name!r}]"
            other = f"({item} if type({value}) is dict else {other})"
        found = f"{value}.{name} if type({here}) in PLAIN else {other}"
    return f"(None if ({value} := {python}) is None else {found})" if missing_is_none else f"({found})"


def _filtered(python: str, function: Any, arguments: list[tuple[bool, Any]], code: Code) -> str:
    """Return one filter with its argument, as FilterExpression.resolve applies it."""
    written = [
        _variable(each, code, False) if varies else code.keep(mark_safe(each))  # noqa: S308  (of the template)
        for varies, each in arguments
    ]
    if getattr(function, "needs_autoescape", False):
        written.append("autoescape=True")
    before = code.fresh()
    if getattr(function, "expects_localtime", False):
        python = f"local_time({python}, context.use_tz)"
    python = f"({before} := {python})"
    if not getattr(function, "is_safe", False):
        return f"{code.keep(function)}({', '.join([python, *written])})"
    return f"still_safe({python}, {code.keep(function)}({', '.join([before, *written])}))"
