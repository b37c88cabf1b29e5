"""Show the first page: the service, its notices, and its promises."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from secretary.kernel.language import language
from subscriptions.data_types.offer import offer
from subscriptions.preferences.hours import usual_hours
from subscriptions.web.citizens.choice_words import hours_words
from subscriptions.web.forms import posted
from subscriptions.web.samples import sample_message
from subscriptions.web.session.typed import ShowsTyped


class CheckCodeForm(ShowsTyped):
    """The box for a check code: another page answers it, but the header's buttons come back here with what is in it."""

    code = forms.CharField(
        required=False,
        widget=forms.TextInput(
            attrs={
                "id": "check-code",
                "maxlength": 3000,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
                "class": "code",
            }
        ),
    )
    page_form = "check-code-form"
    comes_back = True


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    spoken, offered = language(), offer()
    live = [kind.live_version for kind in offered.kinds]
    context = {
        "form": CheckCodeForm(posted(request)),
        "hours": hours_words(usual_hours()),
        "sample": sample_message("kakaotalk", spoken, offered.mark),
        "types": [(v.text("name", spoken), v.text("summary", spoken)) for v in live if v is not None],
    }
    return render(request, "web/landing.html", context)
