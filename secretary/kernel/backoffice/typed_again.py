"""Show again what was typed on an administrators' page and is not stored: after a button of the header, or after
signing in anew. Nothing of it is checked or stored; the person presses the button of the page once more."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest

PAGE_FORM: Final = "page-form"  # the id of a page's main form: the buttons of the header send it along
WITHOUT_A_SIGN = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.SelectMultiple)  # empty ones send nothing


def typed_again(request: HttpRequest) -> Any:
    """Return what was typed on this page; None where there is nothing. `request.typed_before`: set by a middleware of
    `subscriptions.web`, which keeps it."""
    found = getattr(request, "typed_before", None)
    return found() if found is not None and request.method in ("GET", "HEAD") else None


def fill_again(form: forms.BaseForm, typed: Any) -> None:
    """Put what was typed into a form that is not bound, in place of what is stored."""
    if typed is None or form.is_bound:
        return
    for name, field in form.fields.items():
        value = field.widget.value_from_datadict(typed, {}, form.add_prefix(name))
        if value is not None or isinstance(field.widget, WITHOUT_A_SIGN):
            form.initial[name] = value
