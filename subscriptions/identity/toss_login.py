"""Learn who has logged in to our mini-app in the Toss app (Apps in Toss), server to server with a client certificate.

Protocol: developers-apps-in-toss.toss.im/login/develop.html, and the API reference beside it. The mini-app calls
`appLogin` and hands us the code (valid for 10 minutes, once) and `referrer` (DEFAULT, in the sandbox app SANDBOX).
`generate-token` gives an access token (1 hour), and `login-me` with it the user's key and, encrypted, the CI. No token
is kept. `access/remove-by-user-key` ends the connection: by the reference it takes `userKey` (int64) and no
`Authorization`, and answers the same key. Some makers send a token along; that it is needed is unverified.
Read in makers' code, not on the page itself, and so unverified: the token is sent as `Bearer`; a value is base64 of a
12-byte IV and AES-256-GCM's output; the key of the console is base64, and its AAD is text.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from secretary.kernel.adapters.config import setting

PATH = "/api-partner/v1/apps-in-toss/user/oauth2"
IV_BYTES = 12
REFERRERS = ("DEFAULT", "SANDBOX")


@dataclass(frozen=True, slots=True)
class Config:
    certificate: str = setting("APPS_IN_TOSS_CERT")
    key: str = setting("APPS_IN_TOSS_KEY")
    decryption_key: str = setting("APPS_IN_TOSS_DECRYPTION_KEY")  # base64, of the console
    aad: str = setting("APPS_IN_TOSS_AAD")
    mini_app_url: str = setting("APPS_IN_TOSS_MINI_APP_URL")  # opens our mini-app: intoss://…
    ca: str = setting("APPS_IN_TOSS_CA", "")
    base_url: str = setting("APPS_IN_TOSS_BASE_URL", "https://apps-in-toss-api.toss.im")
    origin: str = setting("APPS_IN_TOSS_ORIGIN", "")  # of the mini-app's pages, which call us (CORS)
    callback_auth: str = setting("APPS_IN_TOSS_CALLBACK_AUTH", "")  # "id:password" of the console's unlink callback


class TossUser(NamedTuple):
    """A user of the Toss app who has logged in to our mini-app."""

    key: str
    ci: str


class TossRefused(Exception):
    """Toss does not take the code: used, expired, or not ours."""


class TossUnavailable(Exception):
    """Toss gave no usable answer: the same step may be tried again with a new code."""


class TossLogin:
    def __init__(self, config: Config, *, connect_seconds: float = 3.0, read_seconds: float = 10.0) -> None:
        self._config = config
        self._timeout = (connect_seconds, read_seconds)

    def user_of(self, code: str, referrer: str) -> TossUser:
        """Return the user who got this code. Raises TossRefused, TossUnavailable."""
        if referrer not in REFERRERS:
            raise TossRefused("referrer")
        body = {"authorizationCode": code, "referrer": referrer}
        token = self._call("POST", "/generate-token", json=body)["accessToken"]
        found = self._call("GET", "/login-me", headers={"Authorization": f"Bearer {token}"})
        try:
            key, ci = str(int(found["userKey"])), self._decrypted(found["ci"])
        except (KeyError, TypeError, ValueError, InvalidTag, binascii.Error):
            raise TossUnavailable("no user key or CI") from None
        return TossUser(key, ci)

    def end(self, user_key: str) -> None:
        """End the user's connection with our mini-app, at Toss. Raises TossRefused, TossUnavailable."""
        try:
            key = int(user_key)
        except ValueError:
            raise TossRefused("user key") from None
        self._call("POST", "/access/remove-by-user-key", json={"userKey": key})

    def _call(self, method: str, step: str, **sent: Any) -> Mapping[str, Any]:
        config = self._config
        try:
            answer = requests.request(
                method,
                config.base_url + PATH + step,
                cert=(config.certificate, config.key),
                verify=config.ca or True,
                timeout=self._timeout,
                allow_redirects=False,
                **sent,
            )
            body = answer.json()
            if body["resultType"] == "SUCCESS" and isinstance(body["success"], dict):
                return dict(body["success"])
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            # `from None`: the chained exception would carry the code or the token into logs.
            raise TossUnavailable(type(error).__name__) from None
        if answer.status_code >= requests.codes.server_error:
            raise TossUnavailable(str(answer.status_code))
        raise TossRefused(str(answer.status_code))

    def _decrypted(self, value: str) -> str:
        raw = base64.b64decode(value, validate=True)
        key = base64.b64decode(self._config.decryption_key)
        plain = AESGCM(key).decrypt(raw[:IV_BYTES], raw[IV_BYTES:], self._config.aad.encode())
        return plain.decode()
