"""Store text size and contrast in cookies; the server applies them, so that they survive navigation."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

TEXT_SIZES = ("100", "110", "130", "150")
ONE_YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class Display:
    text_size: str
    contrast: bool
    text_sizes: tuple[str, ...] = TEXT_SIZES


def chosen_display(request: HttpRequest) -> Display:
    size = request.COOKIES.get("text_size", "")
    return Display(size if size in TEXT_SIZES else "100", request.COOKIES.get("contrast") == "on")


@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Store one choice and redirect back to its page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("web:landing")
    response = HttpResponseRedirect(target)
    if (size := request.POST.get("text_size", "")) in TEXT_SIZES:
        _keep(response, "text_size", size)
    if (contrast := request.POST.get("contrast", "")) in ("on", "off"):
        _keep(response, "contrast", contrast)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
