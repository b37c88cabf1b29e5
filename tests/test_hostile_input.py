"""Whatever is sent to a public address, the answer is an answer: never a 5xx, never an exception."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from notifications.models import AgencyKey
from payments import adapters
from sandbox.state import credentials
from secretary.kernel.http.standard_webhooks import new_secret, secret_bytes, sign
from secretary.kernel.time import clock
from subscriptions.models import Agency, AgencyStaff
from tests.notifications.cast import make_data_type, make_feed, record
from tests.notifications.conftest import fresh_adapters, sandbox, sandbox_process
from tests.notifications.same_thread import SameThreadWriter
from tests.plugin import ROOT
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import provider
from tests.subscriptions.web.steps import confirmed, until_check
from tests.support.browser_forms import FormReader
from tests.support.hostile_values import BODIES, DEEP, HEADERS, METHODS, POSTED, QUERIES, VALUES
from tests.support.prepared_database import kept_for_a_file

__all__ = ["fresh_adapters", "provider", "sandbox", "sandbox_process"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

FORM = "application/x-www-form-urlencoded"
KNOWN = {  # what stands in the gaps of addresses: by name, or else by kind
    "slug:code": "traffic_fine",
    "slug:gateway": "nhn",
    "slug:provider": "toss_payments",
    "uuid:citizen_id": str(uuid.UUID(int=1)),
    "slug:": "unknown",
    "str:": "unknown",
    "int:": "1",
    "number": "1",  # of a batch, as the API's library writes it
}


def addresses() -> Iterator[str]:
    """Every public address of the installation; the administration is behind its own sign-in."""
    for route in routes(get_resolver().url_patterns):
        if not route.startswith("admin/"):
            yield "/" + re.sub(
                r"<([^>]*)>", lambda gap: next(KNOWN[name] for name in KNOWN if gap[1].startswith(name)), route
            )


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def test_all_addresses_are_known() -> None:
    paths = list(addresses())
    assert len(paths) > 35
    assert not [path for path in paths if "<" in path]


@pytest.fixture(scope="module", autouse=True)
def offered(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with kept_for_a_file(cast.offer_all, blocker=django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def every_adapter_known(settings: Any, tmp_path: Path, fresh_adapters: None) -> Iterator[None]:
    """Every gateway and provider is known here; none of them answers."""
    settings.ADAPTER_CONFIG = credentials.environment(host="127.0.0.1", port=9, tls_port=9, data=tmp_path)
    adapters.forget()
    yield
    adapters.forget()


def stranger(client: Client) -> None:
    """No user has signed in."""


def newcomer(client: Client) -> None:
    until_check(client)


def citizen(client: Client) -> None:
    cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine", "health_checkup")
    confirmed(client, "/settings/sign-in/")


def official(client: Client) -> None:
    account = cast.official()
    cast.register(account)
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})


def agency(client: Client) -> None:
    account = User.objects.create_user("agency", password="right-password-1")
    AgencyStaff.objects.create(user=account, agency=Agency.objects.get(code="knpa"))
    assert client.post("/agencies/login/", {"username": "agency", "password": "right-password-1"}).status_code == 302


WHO = {who.__name__: who for who in (stranger, newcomer, citizen, official, agency)}
OWN = {"newcomer": "/sign-up/", "citizen": "/settings/", "official": "/officials/", "agency": "/agencies/"}
CASES = [(who, path) for who in WHO for path in addresses() if path.startswith(OWN.get(who, "/"))]


@pytest.fixture
def visitor(client: Client, request: pytest.FixtureRequest) -> Client:
    WHO[request.param](client)
    return client


def answered(answer: Any) -> Any:
    assert answer.status_code < 500, answer.content[:300]
    return answer


@pytest.mark.parametrize(("visitor", "path"), CASES, indirect=["visitor"])
def test_no_page_and_no_form_is_brought_down(visitor: Client, path: str) -> None:
    page = answered(visitor.get(path))
    forms = (
        FormReader(page.content.decode(errors="replace")).forms
        if page.get("content-type", "").startswith("text/html")
        else []
    )
    names = set().union(*(form.names for form in forms)) or {"name", "code", "q", "page", "next", "back", "language"}
    for asked in QUERIES:
        answered(visitor.get(f"{path}?{asked}"))
    for typed in POSTED.values():
        answered(visitor.post(path, "&".join(f"{quote_plus(name)}={typed}" for name in names), FORM))
    answered(visitor.post(path, urlencode([(name, value) for name in names for value in ("a", "b", "")]), FORM))
    for body, kind in BODIES.values():
        answered(visitor.generic("POST", path, body, content_type=kind))
    for method in METHODS:
        answered(visitor.generic(method, path, b"{}", content_type="application/json"))
    answered(visitor.get(path, headers=HEADERS))
    answered(visitor.get(path, headers={"host": "evil.example:99999"}))


@pytest.mark.parametrize("piece", [*VALUES.values(), "%ff", "%00", "%c0%ae", "a" * 5000])
def test_no_address_is_too_strange(client: Client, piece: str) -> None:
    strange = piece if piece.startswith("%") else quote(piece[:3000].encode(errors="surrogatepass"), safe="")
    for folder in {path.rsplit("/", 2)[0] for path in addresses()}:
        answered(client.get(f"{folder}/{strange}/"))
        answered(client.get(f"{folder}/?{strange}={strange}"))


# ── Signed, and hostile all the same ─────────────────────────────────────────────────────────────────────────
RECORDS = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"records": null}',
    b'{"records": {}}',
    b'{"records": [null, 1, "x", [], {}]}',
    b'{"records": [{"external_id": "A", "external_id": "B"}]}',
    b'{"records": [{"amount": NaN}]}',
    b'{"records": [{"amount": 1e999}]}',
    b'{"records": [{"version": ' + b"9" * 5000 + b"}]}",
    b'{"records": ' + DEEP.encode() + b"}",
    b'{"records": "' + b"\xff\xfe" + b'"}',
    b"\xef\xbb\xbf{}",
    b"\x1f\x8b\x08\x00",
]


@pytest.fixture
def key(settings: Any) -> AgencyKey:
    make_data_type("traffic_penalty")
    key = AgencyKey(feed=make_feed(), key_id="hostile-1")
    key.secret = new_secret()
    key.save()
    return key


def push(client: Client, key: AgencyKey, body: bytes) -> Any:
    headers = sign(uuid.uuid4().hex, clock.now(), body, secret_bytes(key.secret))
    more = {**headers, "x-agency-key": key.key_id}
    return client.post("/api/agencies/v1/records", body, "application/json", headers=more)


@pytest.mark.parametrize("body", RECORDS)
def test_a_signed_push_of_nonsense_is_answered(client: Client, key: AgencyKey, body: bytes) -> None:
    assert answered(push(client, key, body)).status_code in (200, 400, 413, 422)


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_value_in_any_place_of_a_record_is_refused_or_kept_as_data(
    client: Client, key: AgencyKey, name: str
) -> None:
    value: Any
    for value in (VALUES[name], -1, 10**30, 1.5, True, None, [], {"a": []}):
        whole = record(1, data_type="traffic_penalty")
        changed = [{**whole, part: value} for part in whole]
        changed += [{**whole, "fields": {**whole["fields"], part: value}} for part in whole["fields"]]
        changed += [{**whole, "subject": {part: value}} for part in ("ci", "name", "birth_date", "phone")]
        body = json.dumps({"records": [{**each, "external_id": each["external_id"]} for each in changed]})
        answered(push(client, key, body.encode()))


@pytest.mark.parametrize("name", VALUES)
def test_a_callback_with_the_right_secret_and_hostile_content_is_answered(
    client: Client, sandbox: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("notifications.receipts.receive.receipt_writer", SameThreadWriter)
    secret = {"x-toast-webhook-signature": sandbox.environment["NHN_WEBHOOK_SECRET"]}
    value: Any
    for value in (VALUES[name], -1, 10**30, None, [], {}):
        hook = dict.fromkeys(
            ("hookId", "requestId", "recipientSeq", "receiveDate", "resultCode", "recipientGroupingKey"), value
        )
        body = {"appKey": sandbox.environment["NHN_APP_KEY"], "event": "MESSAGE_RESULT_UPDATE", "hooks": [hook]}
        answered(client.post("/webhooks/nhn/", body, "application/json", headers=secret))


# The web application as gunicorn imports it, in a process of its own: it settles how all of its process works.
APPLICATION = """
import json, sys
from io import BytesIO
from secretary.wsgi import application

fixed = {"REQUEST_METHOD": "POST", "PATH_INFO": "/webhooks/nhn/", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
answered = []
for length in json.loads(sys.argv[1]):
    environ = {**fixed, "CONTENT_LENGTH": length, "wsgi.input": BytesIO(b"x"), "wsgi.url_scheme": "http"}
    application(environ, lambda status, *_: answered.append(status))
print(json.dumps([type(application._application).__name__, *answered]))
"""


def test_the_edge_answers_callbacks_with_a_strange_length() -> None:
    lengths = ["", "-1", "abc", "99999999999999999999", "²"]
    command = [sys.executable, "-W", "ignore", "-c", APPLICATION, json.dumps(lengths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    edge, *statuses = json.loads(done.stdout)
    assert edge == "WholeBody"  # behind the ids of requests
    assert len(statuses) == len(lengths) and all(status[0] == "4" for status in statuses), statuses
