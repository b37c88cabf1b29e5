"""Write the inputs of forms without templates: Django's own take three templates for each."""

from collections.abc import Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

PLACE = "django/forms/widgets/"
INPUTS = {f"{PLACE}{name}.html" for name in ("input", "text", "hidden", "number", "email", "password", "checkbox")}
SELECT = f"{PLACE}select.html"
OPTIONS = {f"{PLACE}{name}.html" for name in ("radio_option", "checkbox_option", "input_option")}


class PlainWidgets(DjangoTemplates):
    """The same HTML as Django's templates of these names; all others are rendered by their templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> Any:
        if template_name in INPUTS:
            return SafeString(_input(context["widget"]))
        if template_name in OPTIONS and not context["widget"].get("wrap_label"):
            return SafeString(_input(context["widget"]))
        if template_name == SELECT:
            return SafeString(_select(context["widget"]))
        return super().render(template_name, context, request)


def _select(widget: Mapping[str, Any]) -> str:
    lines = [f'<select name="{_escaped(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        lines += [f'  <optgroup label="{_escaped(group)}">'] if group else []
        lines += [f"  {_option(option)}" for option in options]
        lines += ["  </optgroup>"] if group else []
    return "\n".join([*lines, "</select>"])


def _option(option: Mapping[str, Any]) -> str:
    attrs, label = _attributes(option["attrs"]), _escaped(option["label"])
    return f'<option value="{_text(option["value"])}"{attrs}>{label}</option>'


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{_escaped(str(value))}"'
    name, kind = _escaped(widget["name"]), _escaped(widget["type"])
    return f'<input type="{kind}" name="{name}"{shown}{_attributes(widget["attrs"])}>'


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {_escaped(name)}" if value is True else f' {_escaped(name)}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _text(value: Any) -> str:
    return _escaped(value if isinstance(value, SafeString) else str(value))


def _escaped(value: Any) -> str:
    """Return it as Django's conditional_escape, which looks for lazy texts among its arguments first."""
    return escape(value) if type(value) is str else conditional_escape(value)
