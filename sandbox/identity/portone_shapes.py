"""Build what PortOne answers. Shapes: PortOne's SDK, `identity_verification/*.py`."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.identity.verifications import Verification
from sandbox.state import credentials
from sandbox.state.people import Person

PG_CODES = {
    "CUSTOMER_MISMATCH": "입력하신 정보가 통신사 가입 정보와 일치하지 않습니다.",
    "OTP_MISMATCH": "인증번호가 일치하지 않습니다.",
    "OTP_EXPIRED": "인증번호 유효 시간이 지났습니다.",
    "NOT_CONFIRMED_IN_APP": "앱에서 인증이 완료되지 않았습니다.",
    "OTP_ATTEMPTS_EXCEEDED": "인증번호 입력 횟수를 초과했습니다.",
}


class Refused(Exception):
    def __init__(self, status: int, kind: str, message: str | None = None, **more: str) -> None:
        super().__init__(kind)
        self.status = status
        self.body = {"type": kind, **({"message": message} if message else {}), **more}

    def answer(self) -> web.Response:
        return web.json_response(self.body, status=self.status)


def provider(code: str) -> Refused:
    """Return the refusal of the provider behind PortOne."""
    return Refused(502, "PG_PROVIDER", PG_CODES[code], pgCode=code, pgMessage=PG_CODES[code])


def verification_json(verification: Verification, person: Person) -> dict[str, Any]:
    changed = verification.verified_at or verification.sent_at
    common = {
        "status": "VERIFIED" if verification.verified_at else "READY",
        "id": verification.id,
        "channel": {
            "type": "TEST",
            "id": "channel-id-sandbox",
            "key": credentials.PORTONE_CHANNEL_KEY,
            "name": "sandbox",
            "pgProvider": "DANAL",
            "pgMerchantId": "sandbox",
        },
        "requestedAt": _rfc3339(verification.requested_at),
        "updatedAt": _rfc3339(changed),
        "statusChangedAt": _rfc3339(changed),
        "version": "V2",
        **({"customData": verification.custom_data} if verification.custom_data is not None else {}),
    }
    if verification.verified_at is None:
        return {
            **common,
            "requestedCustomer": {"name": verification.name, "phoneNumber": verification.person},
        }
    return {
        **common,
        "verifiedCustomer": _verified_customer(verification, person),
        "verifiedAt": _rfc3339(verification.verified_at),
        "pgTxId": f"sandbox-{verification.id}",
        "pgRawResponse": "{}",
    }


def _verified_customer(verification: Verification, person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "operator": person.carrier,
        "phoneNumber": person.national,
        "birthDate": person.birth_date,
        "gender": "MALE" if int(person.sex_digit) % 2 else "FEMALE",
        "isForeigner": int(person.sex_digit) >= 5,
        "ci": person.ci,
        "di": hashlib.sha256(f"di:{person.ci}".encode()).hexdigest(),
    }


def _rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
