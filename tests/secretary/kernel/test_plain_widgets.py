"""Inputs that are written without templates are those that Django's templates write."""

import re
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString

from secretary.kernel.plain_widgets import PlainWidgets

CHOICES = [("a", 'An "A" & <more>'), ("b", SafeString("<b>B</b>")), ("Group <1>", [("c", "C"), ("", "None")])]


class Everything(forms.Form):
    text = forms.CharField(
        initial="<\"&'>", help_text="x", widget=forms.TextInput(attrs={"autofocus": True, "x": False})
    )
    number = forms.IntegerField(initial=12345, min_value=1)
    secret = forms.CharField(widget=forms.PasswordInput)
    mail = forms.EmailField(max_length=20)
    hidden = forms.CharField(widget=forms.HiddenInput, initial=0)
    box = forms.BooleanField(initial=True)
    radio = forms.ChoiceField(choices=CHOICES[:2], widget=forms.RadioSelect(attrs={"class": "a<b"}), initial="b")
    boxes = forms.MultipleChoiceField(choices=CHOICES[:2], widget=forms.CheckboxSelectMultiple, initial=["a"])
    select = forms.ChoiceField(choices=CHOICES, initial="c")
    several = forms.MultipleChoiceField(choices=CHOICES, initial=["a", ""])
    plain = forms.CharField(widget=forms.Textarea, initial="<a>")


def written(renderer: Any, data: dict[str, Any] | None) -> list[str]:
    form = Everything(data, renderer=renderer)
    options = [option.tag() for name in ("radio", "boxes") for option in form[name].subwidgets]
    found = [*(str(form[name]) for name in form.fields), *options]
    return [re.sub(r">\s+<", "><", each) for each in found]  # blanks between the lines of a list say nothing


def test_every_input_is_what_django_writes() -> None:
    for data in (None, {}, {"text": "typed <i>", "number": "x", "radio": "a", "select": "", "several": ["c"]}):
        assert written(PlainWidgets(), data) == written(DjangoTemplates(), data)
