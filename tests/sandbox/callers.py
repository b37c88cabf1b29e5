"""Requests to the gateways as a caller would write them, with the smallest valid content."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from typing import Any

import requests

from sandbox.state import credentials
from tests.support.sandbox_process import SandboxProcess

PHONE = "01000000001"


def twilio(sandbox: SandboxProcess, **form: str | None) -> requests.Response:
    values = {"To": "+821000000001", "From": credentials.TWILIO_FROM, "Body": "안내입니다.", **form}
    return requests.post(
        f"{sandbox.url}/2010-04-01/Accounts/{credentials.TWILIO_ACCOUNT_SID}/Messages.json",
        data={name: value for name, value in values.items() if value is not None},
        auth=(credentials.TWILIO_ACCOUNT_SID, credentials.TWILIO_AUTH_TOKEN),
        timeout=60,
    )


def recipient(number: str = PHONE, reference: str = "ps-1", **values: str) -> dict[str, Any]:
    parameters = {"이름": "홍길동", "금액": "32,000원", **values}
    return {"recipientNo": number, "templateParameter": parameters, "recipientGroupingKey": reference}


def nhn(
    sandbox: SandboxProcess,
    *recipients: dict[str, Any],
    secret: str = credentials.NHN_SECRET_KEY,
    app_key: str = credentials.NHN_APP_KEY,
    key: str | None = None,
    **body: Any,
) -> dict[str, Any]:
    values = {
        "senderKey": credentials.NHN_SENDER_KEY,
        "templateCode": "T1",
        "senderGroupingKey": "batch-1",
        "recipientList": list(recipients) or [recipient()],
        **body,
    }
    headers = {"X-Secret-Key": secret, **({"X-NC-API-IDEMPOTENCY-KEY": key} if key else {})}
    url = f"{sandbox.url}/alimtalk/v2.3/appkeys/{app_key}/messages"
    answer: dict[str, Any] = requests.post(url, json=values, headers=headers, timeout=60).json()
    return answer


def nhn_get(sandbox: SandboxProcess, path: str = "", **query: str) -> dict[str, Any]:
    url = f"{sandbox.url}/alimtalk/v2.3/appkeys/{credentials.NHN_APP_KEY}/messages{path}"
    headers = {"X-Secret-Key": credentials.NHN_SECRET_KEY}
    answer: dict[str, Any] = requests.get(url, params=query, headers=headers, timeout=60).json()
    return answer


def naver(number: str = PHONE, reference: str = "ps-1", **options: Any) -> dict[str, Any]:
    variables = {"#{이름}": "홍길동", "#{금액}": "32,000원"}
    given = {"talkId": credentials.SOLAPI_TALK_ID, "templateId": "T1", "variables": variables, **options}
    message = {"to": number, "from": credentials.SOLAPI_SENDER, "type": "NSA", "naverOptions": given}
    return {**message, "customFields": {"reference": reference}}


def solapi(
    sandbox: SandboxProcess, *messages: dict[str, Any], header: str | None = None, **body: Any
) -> requests.Response:
    return requests.post(
        f"{sandbox.url}/messages/v4/send-many/detail",
        json={"messages": list(messages) or [naver()], "showMessageList": True, **body},
        headers={"Authorization": header or authorization()},
        timeout=60,
    )


def authorization(date: datetime | None = None, salt: str | None = None, secret: str | None = None) -> str:
    at, grain = (date or datetime.now(UTC)).isoformat(), salt or uuid.uuid4().hex
    key = (secret or credentials.SOLAPI_API_SECRET).encode()
    signature = hmac.new(key, (at + grain).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 ApiKey={credentials.SOLAPI_API_KEY}, Date={at}, salt={grain}, signature={signature}"


def toss(
    sandbox: SandboxProcess, *, user: str = "443000001", certificate: bool = True, **body: Any
) -> requests.Response:
    folder = sandbox.data / "tls"
    values = {"templateSetCode": "T1", "context": {"이름": "홍길동", "금액": "32,000원"}, **body}
    return requests.post(
        f"https://127.0.0.1:{sandbox.tls_port}/api-partner/v1/apps-in-toss/messenger/send-message",
        json=values,
        headers={"x-toss-user-key": user},
        cert=(str(folder / "client.pem"), str(folder / "client.key")) if certificate else None,
        verify=str(folder / "ca.pem"),
        timeout=60,
    )
