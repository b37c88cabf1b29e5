"""Write the header Content-Security-Policy once per process: composing it took as long as finding the view."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class KeptPolicy(CSPMiddleware):
    """The policy of the settings, where a view has changed nothing of it and a page has asked for no nonce."""

    _of: Any = None
    _written = ""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        usual = settings.CONTENT_SECURITY_POLICY
        if getattr(request, "_csp_nonce", None) or any(name.startswith("_csp") for name in response.__dict__):
            return super().process_response(request, response)
        if self._of is not usual:
            answered = super().process_response(request, response)
            self._written, self._of = answered.headers.get(HEADER, ""), usual
            return answered
        if self._written:
            response.headers.setdefault(HEADER, self._written)
        return response
