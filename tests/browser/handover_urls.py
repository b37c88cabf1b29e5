"""The service's addresses, and three of the tests' own: begin a payment, and come back from it."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

from payments.providers import registry
from payments.web.pay import hand_over
from secretary.urls import urlpatterns as ours
from tests.payments.providers.samples import build, order

environment: dict[str, str] = {}  # the sandbox's, set by the test


def begin(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "GET":
        token = get_token(request)
        field = f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        return HttpResponse(f'<form method="post">{field}<button>pay</button></form>')
    back = request.build_absolute_uri("/test-back/")
    ways = {f"{how}_url": f"{back}{how}" for how in ("success", "cancel", "fail")}
    wanted = order(order_id=f"ps-browser-{name}", **ways)  # type: ignore[arg-type]
    provider = build(name, environment)
    return hand_over(request, provider.begin(wanted), provider=name, title=registry.providers()[name].title)


def back(request: HttpRequest, how: str) -> HttpResponse:
    return HttpResponse(f"<h1>{how}</h1>")


urlpatterns = [*ours, path("test-begin/<slug:name>/", begin), path("test-back/<slug:how>", back)]
