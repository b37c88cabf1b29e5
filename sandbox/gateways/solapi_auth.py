"""Check Solapi's `Authorization: HMAC-SHA256 ApiKey=…, Date=…, salt=…, signature=…`.

The signature is the hexadecimal HMAC-SHA256 over date + salt. A date more than 15 minutes off, and a salt
used before, are refused. Source: developers.solapi.com/references/authentication/api-key.
"""

import hashlib
import hmac
import re
import time
from datetime import datetime

from aiohttp import web

from sandbox.state import credentials
from sandbox.state.idempotency import IdempotencyKeys

WINDOW_SECONDS = 900
_HEADER = re.compile(
    r"HMAC-SHA256 +ApiKey=(?P<key>[^,]+), *Date=(?P<date>[^,]+), *salt=(?P<salt>[^,]+), *signature=(?P<signature>\w+)",
    re.IGNORECASE,
)


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> web.Response:
        return web.json_response({"errorCode": self.code, "errorMessage": self.message}, status=self.status)


def authenticate(request: web.Request, salts: IdempotencyKeys) -> None:
    """Check the header's key, signature, time and salt. Raises Refused."""
    match = _HEADER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Refused(401, "Unauthorized", "인증 정보가 없거나 형식이 올바르지 않습니다.")
    if match["key"] != credentials.SOLAPI_API_KEY:
        raise Refused(403, "InvalidAPIKey", "유효한 API Key가 아닙니다.")
    expected = signature(match["date"], match["salt"])
    if not hmac.compare_digest(expected, match["signature"]):
        raise Refused(403, "SignatureDoesNotMatch", "생성한 Signature가 일치하지 않습니다.")
    if abs(_instant(match["date"]) - time.time()) > WINDOW_SECONDS:
        raise Refused(403, "RequestTimeTooSkewed", "요청 시간과 서버 시간의 차이가 15분을 넘습니다.")
    if not 12 <= len(match["salt"]) <= 64 or not salts.claim(f"solapi:{match['salt']}", WINDOW_SECONDS):
        raise Refused(403, "DuplicatedSignature", "이미 사용한 Signature입니다.")


def signature(date: str, salt: str) -> str:
    secret = credentials.SOLAPI_API_SECRET.encode()
    return hmac.new(secret, (date + salt).encode(), hashlib.sha256).hexdigest()


def _instant(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Refused(400, "InvalidDate", "Date는 ISO 8601 형식이어야 합니다.") from None
