"""A field is written with its label, hint and errors, and nothing in them is markup that was not meant as such."""

from django import forms
from django.template import engines
from django.utils.safestring import mark_safe
from django.utils.translation import override

ANGRY = "<b>&"
WRITTEN = "&lt;b&gt;&amp;"


class Entry(forms.Form):
    name = forms.CharField(label=ANGRY, help_text=ANGRY, required=False)
    kind = forms.ChoiceField(
        label="kind",
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        choices=[("a", ANGRY), ("<", mark_safe("<i>safe</i>"))],
        error_messages={"required": ANGRY},
    )
    order = forms.CharField(widget=forms.HiddenInput, required=False)


def written(form: forms.Form, name: str) -> str:
    with override("en"):
        return str(engines["django"].from_string('{% include "krds/field.html" %}').render({"field": form[name]}))


def test_an_input_has_its_label_before_it_and_says_that_it_may_be_left_empty() -> None:
    assert written(Entry(), "name") == (
        f'<div class="field">\n<label for="id_name">{WRITTEN} <span class="optional">(optional)</span></label>\n'
        f'<p class="hint" id="id_name_helptext">{WRITTEN}</p>\n\n'
        '<input type="text" name="name" aria-describedby="id_name_helptext" id="id_name">\n</div>\n'
    )


def test_choices_stand_in_a_fieldset_that_has_their_error() -> None:
    assert written(Entry({"name": ANGRY}), "kind") == (
        '<fieldset class="field wrong inline" aria-describedby="id_kind_error">\n<legend>kind</legend>\n'
        f'<p class="error" id="id_kind_error"><span class="hidden">Error:</span> {WRITTEN} </p>\n\n'
        '<div class="choices"><div class="choice"><input type="radio" name="kind" value="a" class="inline"'
        f' id="id_kind_0" required aria-invalid="true"><label for="id_kind_0">{WRITTEN}</label></div>'
        '<div class="choice"><input type="radio" name="kind" value="&lt;" class="inline" id="id_kind_1" required'
        ' aria-invalid="true"><label for="id_kind_1"><i>safe</i></label></div></div>\n</fieldset>\n'
    )


def test_a_hidden_field_is_its_input_alone() -> None:
    assert written(Entry({"order": ANGRY}), "order") == (
        f'<input type="hidden" name="order" value="{WRITTEN}" id="id_order">\n'
    )
