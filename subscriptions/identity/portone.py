"""Verify identities with PortOne (포트원) V2 by text message or in the app PASS, server to server, without a script.

Source: PortOne's API V2 reference and its `portone-server-sdk` 0.21, which a test compares with this module.
By text message (`method` SMS) `identityNumber` is required and `otp` confirms; in the app (APP) neither is used: the
person approves there, and confirming asks whether they did (SDK, confirm_identity_verification_body.py: `otp` is used
for SMS only). Unverified: which `pgCode` comes with PG_PROVIDER for a wrong code, an expired one, too many tries, or an
app that has not been answered yet.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import requests

from secretary.kernel.korean.korean import clean_line
from secretary.kernel.persons.birth_dates import birth_date_from_iso
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable, Method, Person, Reason

DEFAULT_BASE_URL = "https://api.portone.io"

# Meaning of errors in each step; every other error is ours or PortOne's, not the person's.
START_REFUSED: dict[str, Reason] = {
    "PG_PROVIDER": "unknown_person",
    "INVALID_REQUEST": "unknown_person",
    "IDENTITY_VERIFICATION_ALREADY_VERIFIED": "already_confirmed",
}
CODE_REFUSED: dict[str, Reason] = {
    "PG_PROVIDER": "wrong_code",
    "INVALID_REQUEST": "wrong_code",
    "IDENTITY_VERIFICATION_NOT_FOUND": "expired",
    "IDENTITY_VERIFICATION_NOT_SENT": "expired",
    "IDENTITY_VERIFICATION_ALREADY_VERIFIED": "already_confirmed",
}
APP_REFUSED: dict[str, Reason] = CODE_REFUSED | {"PG_PROVIDER": "not_yet", "INVALID_REQUEST": "not_yet"}
RESEND_REFUSED: dict[str, Reason] = CODE_REFUSED | {"PG_PROVIDER": "too_many", "INVALID_REQUEST": "expired"}
ALREADY_SENT = "IDENTITY_VERIFICATION_ALREADY_SENT"
TOO_MANY_REQUESTS = 429


class PortOne:
    name: ClassVar[str] = "portone"
    methods: ClassVar[tuple[Method, ...]] = ("sms", "app")

    def __init__(
        self,
        *,
        secret: str,
        channel_key: str,
        store_id: str | None = None,
        base_url: str = DEFAULT_BASE_URL,
        connect_seconds: float = 3.0,
        read_seconds: float = 10.0,
    ) -> None:
        self._channel_key, self._store_id = channel_key, store_id
        self._url = base_url.rstrip("/") + "/identity-verifications/"
        self._headers = {"Authorization": f"PortOne {secret}"}
        self._timeout = (connect_seconds, read_seconds)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "PortOne":
        """Configure from PORTONE_{API_SECRET,CHANNEL_KEY,STORE_ID,BASE_URL}. Raises KeyError with the name."""
        return cls(
            secret=env["PORTONE_API_SECRET"],
            channel_key=env["PORTONE_CHANNEL_KEY"],
            store_id=env.get("PORTONE_STORE_ID") or None,
            base_url=env.get("PORTONE_BASE_URL") or DEFAULT_BASE_URL,
        )

    def start(self, verification_id: str, applicant: Applicant) -> None:
        """POST …/send. Repeating it under the same id is harmless: the code that was sent stays valid."""
        customer = {
            "name": applicant.name,
            "phoneNumber": _national(applicant.phone),
            "ipAddress": applicant.ip_address,
        }
        if applicant.method == "sms":
            customer["identityNumber"] = applicant.identity_number
        body = self._store() | {
            "channelKey": self._channel_key,
            "customer": customer,
            "operator": applicant.carrier,
            "method": applicant.method.upper(),
        }
        self._call("POST", verification_id, "/send", START_REFUSED, body=body, fine=ALREADY_SENT)

    def resend(self, verification_id: str) -> None:
        self._call("POST", verification_id, "/resend", RESEND_REFUSED, query=self._store())

    def confirm(self, verification_id: str, code: str) -> Person:
        """POST …/confirm, then fetch the identity from PortOne itself.

        `phone` is "" where the provider does not return it (Danal does so only under a separate contract).
        """
        body = self._store() | ({"otp": code} if code else {})
        self._call("POST", verification_id, "/confirm", CODE_REFUSED if code else APP_REFUSED, body=body)
        found = self._call("GET", verification_id, "", CODE_REFUSED, query=self._store())
        return _person(found, verification_id)

    def _store(self) -> dict[str, str]:
        return {"storeId": self._store_id} if self._store_id else {}

    def _call(
        self,
        method: str,
        verification_id: str,
        step: str,
        refused: Mapping[str, Reason],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        fine: str = "",
    ) -> dict[str, Any]:
        try:
            response = requests.request(
                method,
                self._url + quote(verification_id, safe="") + step,
                headers=self._headers,
                json=body,
                params=query,
                timeout=self._timeout,
                allow_redirects=False,
            )
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            # `from None`: the chained exception would carry the request, personal data included, into logs.
            raise IdentityUnavailable(type(error).__name__) from None
        return _read(response.status_code, answer, refused, fine)


def _read(status: int, answer: Any, refused: Mapping[str, Reason], fine: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise IdentityUnavailable("not a JSON object")
    if status == requests.codes.ok:
        return answer
    kind = str(answer.get("type", ""))[:60]
    if fine and kind == fine:
        return answer
    if status == TOO_MANY_REQUESTS:
        raise IdentityRefused("too_many")
    if kind in refused:
        raise IdentityRefused(refused[kind])
    raise IdentityUnavailable(f"{status} {kind}")


def _person(found: Mapping[str, Any], verification_id: str) -> Person:
    """Read the identity. `found`: PortOne's IdentityVerification. Raises IdentityUnavailable for any other form."""
    try:
        if (found["status"], found["id"]) != ("VERIFIED", verification_id):
            raise IdentityUnavailable(f"status {str(found['status'])[:20]}")
        customer = found["verifiedCustomer"]
        phone = customer.get("phoneNumber")
        return Person(
            ci=_ci(customer["ci"]),
            name=clean_line(customer["name"]),
            birth_date=birth_date_from_iso(customer["birthDate"]),
            phone=parse_mobile(phone) if phone else "",
        )
    except (KeyError, TypeError, AttributeError, ValueError, NotAMobile):
        raise IdentityUnavailable("a verified person in another form than stated") from None


def _ci(ci: str) -> str:
    if not ci:  # some certificates lack it; without it agencies' records cannot be matched
        raise ValueError("no CI")
    return ci


def _national(phone: str) -> str:
    """`+821000001234` → `01000001234`, digits only, as PortOne requires."""
    return "0" + phone.removeprefix("+82")


ADAPTER = PortOne
