"""Receive the providers' callbacks."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.checkout.receive_callback import receive_callback
from payments.providers.contract import Callback
from secretary.kernel.time import clock


@csrf_exempt
@require_POST
def provider_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Answer a provider's callback, read only where it is not too long."""
    if int(request.headers.get("content-length") or 0) > settings.PAYMENT_CALLBACK_MAX_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    callback = Callback(headers=headers, body=request.body, query=request.GET.dict())
    return HttpResponse(status=receive_callback(provider=provider, callback=callback, now=clock.now()))
