"""Show the first page: the service, its notices, and its promises."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from secretary.kernel.language import language
from subscriptions.models import DataType
from subscriptions.preferences.hours import usual_hours
from subscriptions.web.citizens.choice_words import hours_words
from subscriptions.web.samples import sample_message


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    spoken = language()
    live = [data_type.live_version for data_type in DataType.objects.live().named()]
    context = {
        "hours": hours_words(usual_hours()),
        "sample": sample_message("kakaotalk", spoken),
        "types": [(v.text("name", spoken), v.text("summary", spoken)) for v in live if v is not None],
    }
    return render(request, "web/landing.html", context)
