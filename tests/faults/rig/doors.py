"""Every kind of door while the database is away: citizens, agencies and gateways are asked to come again shortly."""

import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field

from sandbox.agencies.push import PATH, headers
from sandbox.state import credentials
from tests.faults.rig.service import Service, fine

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
AUTHENTIC = {"X-Toast-Webhook-Signature": credentials.NHN_WEBHOOK_SECRET, "Content-Type": "application/json"}
HOOK = {"hookId": "h1", "requestId": "r", "recipientSeq": 1, "resultCode": "1000", "recipientGroupingKey": "ps-1"}


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str
    kind: str
    body: str


@dataclass
class Caller:
    """A person with a session, an agency, and a gateway."""

    service: Service
    number: int = field(default_factory=lambda: 1_000_000 + uuid.uuid4().int % 1_000_000)

    def page(self, path: str = "/") -> Answer:
        return self._poll(path, None, {**BROWSER, "Cookie": "session=" + "a" * 32})

    def push(self) -> Answer:
        body = json.dumps({"records": [fine(self.number, 0)]}).encode()
        return self._poll(PATH, body, headers(f"push-{uuid.uuid4().hex}", body, int(time.time())))

    def receipt(self) -> Answer:
        hooks = {"appKey": credentials.NHN_APP_KEY, "event": "MESSAGE_RESULT_UPDATE", "hooks": [HOOK]}
        return self._poll("/webhooks/nhn/", json.dumps(hooks).encode(), AUTHENTIC)

    def _poll(self, path: str, body: bytes | None, with_headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(self.service.url + path, data=body, headers=with_headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return _answer(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)


def _answer(status: int, answer: "urllib.error.HTTPError | urllib.response.addinfourl") -> Answer:
    kind = answer.headers.get_content_type() if "Content-Type" in answer.headers else ""
    return Answer(status, answer.headers.get("Retry-After", ""), kind, answer.read().decode())


def assert_come_again(service: Service) -> None:
    """503 with Retry-After everywhere: a page in both languages, JSON for the agency, nothing for the gateway."""
    caller = Caller(service)
    pages = [caller.page("/"), caller.page("/sign-up/"), caller.page("/admin/")]
    answers = [*pages, caller.push(), caller.receipt()]
    reported = [(answer.status, answer.retry_after) for answer in answers]
    assert reported == [(503, "30")] * 5, reported
    assert [answer.kind for answer in answers] == [*["text/html"] * 3, "application/json", ""]
    assert all("잠시 후" in page.body and "shortly" in page.body for page in pages)
    assert json.loads(answers[3].body)["code"] == "unavailable"
    assert service.get("/healthz") == 200


def assert_open(service: Service) -> None:
    caller = Caller(service)
    answers = [caller.page(), caller.push(), caller.receipt()]
    assert [answer.status for answer in answers] == [200, 200, 200], answers
