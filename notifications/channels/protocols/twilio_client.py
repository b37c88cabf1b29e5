"""Make Twilio's own REST client use our transport and the configured host."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import twilio.http  # type: ignore[import-untyped]
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from secretary.kernel.adapters.exchange import Fate, HttpRequest
from secretary.kernel.adapters.transport import BulkHttp


class NoAnswer(TwilioException):  # type: ignore[misc]
    """Twilio did not answer a status query; nothing is known."""


class _BulkTwilioHttp(twilio.http.HttpClient):  # type: ignore[misc]
    """An HTTP client for Twilio's SDK: replaces scheme and host, for which the SDK has no setting."""

    def __init__(self, http: BulkHttp, base_url: str, authorization: str) -> None:
        self.is_async = False
        self.timeout = None
        self._http = http
        self._base = urlsplit(base_url)
        self._authorization = authorization

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if method != "GET":
            raise NoAnswer("this client only reads")
        path = urlsplit(uri)
        query = urlencode(params) if params else path.query
        url = urlunsplit((self._base.scheme, self._base.netloc, path.path, query, ""))
        request = HttpRequest(url, {**(headers or {}), "Authorization": self._authorization})
        answer = self._http.perform([request])[0]
        if answer.fate is not Fate.ANSWERED:
            raise NoAnswer(answer.reason)
        return Response(answer.status, answer.body.decode("utf-8", "replace"))


def client(
    http: BulkHttp, *, base_url: str, account_sid: str, auth_token: str, authorization: str
) -> Any:  # Twilio's classes are barely typed
    """Return a `twilio.rest.Client` that only reads. Its calls raise TwilioException."""
    return Client(
        account_sid,
        auth_token,
        http_client=_BulkTwilioHttp(http, base_url, authorization),
        environment={"": ""},
    )
