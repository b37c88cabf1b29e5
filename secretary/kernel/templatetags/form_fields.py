"""Write a field of a form with its label, hint and errors: `{% form_field field %}`.

In one function and not in templates, of which each field took thirty nodes that ask for the same of it again and again.
"""

from html import escape
from typing import Any

from django import template
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from secretary.kernel.templatetags.unbroken import unbroken

register = template.Library()


@register.simple_tag
def form_field(field: BoundField) -> SafeString:
    """Return the markup of a field: choices in a fieldset, one input with its label, or the hidden input alone."""
    if field.is_hidden:
        return SafeString(f"{field}\n")
    errors = field.errors
    written = _choices(field, errors) if field.use_fieldset else _input(field, errors)
    return SafeString(f"{written}\n")


@register.simple_tag
def form_hint(field: BoundField) -> SafeString:
    """Return the hint and the errors of a field."""
    return SafeString(_hint(field, field.errors))


def _choices(field: BoundField, errors: Any) -> str:
    classes, described = field.field.widget.attrs.get("class"), field.aria_describedby
    is_marked = not field.field.required and getattr(field.field, "mark_optional", False)
    return (
        f'<fieldset class="field{_wrong(errors)}{f" {_text(classes)}" if classes else ""}"'
        f"{_attribute('aria-describedby', described)}>\n"
        f"<legend>{_text(field.label)}{_optional() if is_marked else ''}</legend>\n"
        f"{_hint(field, errors)}\n"
        f'<div class="choices">{"".join([_choice(option) for option in field])}</div>\n'
        "</fieldset>"
    )


def _choice(option: BoundWidget) -> str:
    label = unbroken(option.choice_label)
    return f'<div class="choice">{option.tag()}<label for="{_text(option.id_for_label)}">{label}</label></div>'


def _input(field: BoundField, errors: Any) -> str:
    is_plain = field.field.required or not getattr(field.field, "mark_optional", True)
    optional = "" if is_plain else _optional()
    return (
        f'<div class="field{_wrong(errors)}">\n'
        f'<label for="{_text(field.id_for_label)}">{_text(field.label)}{optional}</label>\n'
        f"{_hint(field, errors)}\n"
        f"{field}\n"
        "</div>"
    )


def _hint(field: BoundField, errors: Any) -> str:
    name, pieces = escape(field.auto_id), []
    if field.help_text:
        pieces.append(f'<p class="hint" id="{name}_helptext">{unbroken(field.help_text)}</p>')
    if errors:
        shown = "".join([f"{unbroken(each)} " for each in errors])
        pieces.append(f'<p class="error" id="{name}_error"><span class="hidden">{_("Error:")}</span> {shown}</p>')
    return "".join(pieces) + "\n"


def _wrong(errors: Any) -> str:
    return " wrong" if errors else ""


def _optional() -> str:
    return f' <span class="optional">{_("(optional)")}</span>'


def _attribute(name: str, value: str | None) -> str:
    return f' {name}="{_text(value)}"' if value else ""


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, SafeString) else str(value))
