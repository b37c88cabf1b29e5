"""Our own protocol of an agency's desk (docs/agency-desk.md), against the sandbox's desk and against nonsense."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.desks import registry
from payments.desks.contract import Debt, DebtState, Desk, DeskRefused, DeskUnavailable, Posting
from payments.desks.http_desk import HttpDesk
from secretary.common.standard_webhooks import secret_bytes, verify
from tests.gateway_stub import CLOSE, RESET, gateway, http
from tests.sandbox_process import SandboxProcess

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS10ZXN0cy0wMDAwMDAwMDAwMDA="
RECORD = {"external_id": "KNPA/교통-1", "data_type": "traffic_fine", "version": 3, "state": "open", "fields": {}}


@pytest.fixture(scope="module")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as sandbox:
        sandbox.request("POST", "/control/agencies/knpa/records", [{**RECORD, "version": 1}, RECORD])
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: SandboxProcess) -> SandboxProcess:
    _sandbox.clear_faults()
    return _sandbox


@pytest.fixture
def desk(sandbox: SandboxProcess) -> Desk:
    return registry.build("http_desk", sandbox.environment, agency_code="knpa", allow_private=True)


def posting(**fields: Any) -> Posting:
    known = Posting(
        posting_id=uuid.uuid4().hex,
        external_id="KNPA/교통-1",
        kind="paid",
        amount=32_000,
        happened_at=datetime.now(UTC),
        receipt_number="PS-2026-000001",
        provider="kakaopay",
    )
    return replace(known, **fields)


def stubbed(url: str, **options: Any) -> HttpDesk:
    return HttpDesk(url, secret_bytes(SECRET), allow_private=True, **options)


def set_debt(sandbox: SandboxProcess, external_id: str, **values: Any) -> None:
    sandbox.request("PATCH", f"/control/agencies/knpa/debts/{external_id}", values)


def test_a_debt_is_what_the_agency_says_now(desk: Desk, sandbox: SandboxProcess) -> None:
    assert desk.ask("KNPA/교통-1") == Debt(DebtState.OPEN, None, 3)
    for state in DebtState:
        set_debt(sandbox, "KNPA-2", state=state.value, amount=30_900, version=4)
        assert desk.ask("KNPA-2") == Debt(state, 30_900, 4)


def test_a_debt_that_the_agency_does_not_know_is_refused(desk: Desk) -> None:
    for external_id in ("KNPA-404", "..", "a?b=c#d", "%2e"):
        with pytest.raises((DeskRefused, DeskUnavailable)):
            desk.ask(external_id)
    with pytest.raises(DeskRefused, match="unknown_debt"):
        desk.ask("KNPA-404")


def test_what_is_told_twice_is_posted_once(desk: Desk, sandbox: SandboxProcess) -> None:
    told = posting()
    first, again = desk.tell(told), desk.tell(told)
    assert first.reference and first == again
    assert [line.amount for line in desk.posted(today()) if line.posting_id == told.posting_id] == [32_000]


def test_what_the_agency_took_without_answering_is_posted_once(desk: Desk, sandbox: SandboxProcess) -> None:
    told = posting()
    sandbox.fault("desk", "lose_answer", count=1)
    with pytest.raises(DeskUnavailable):
        desk.tell(told)
    assert desk.tell(told).reference
    assert [line.posting_id for line in desk.posted(today())].count(told.posting_id) == 1


def test_the_same_id_for_another_posting_is_refused(desk: Desk) -> None:
    told = posting()
    desk.tell(told)
    with pytest.raises(DeskRefused, match="another_posting"):
        desk.tell(replace(told, amount=1))


def test_a_days_list_has_what_came_in_and_what_went_back(desk: Desk) -> None:
    paid, back = posting(), posting(kind="refunded", amount=2_000)
    desk.tell(paid)
    desk.tell(back)
    lines = {line.posting_id: line for line in desk.posted(today())}
    assert (lines[paid.posting_id].amount, lines[back.posting_id].amount) == (32_000, -2_000)
    assert lines[paid.posting_id].external_id == "KNPA/교통-1"
    assert abs(lines[paid.posting_id].posted_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert desk.posted(today() - timedelta(days=1)) == []


@pytest.mark.parametrize("fault", ["error", "reset", "rate_limit", "garbage"])
def test_a_desk_in_trouble_is_asked_again_later(fault: str, desk: Desk, sandbox: SandboxProcess) -> None:
    sandbox.fault("desk", fault, on="any", count=3)
    for call in (lambda: desk.ask("KNPA/교통-1"), lambda: desk.tell(posting()), lambda: desk.posted(today())):
        with pytest.raises(DeskUnavailable):
            call()


def test_requests_are_signed_over_all_that_matters() -> None:
    now = datetime.now(UTC)
    with gateway(lambda _: http(200, b'{"state": "open", "reference": "R", "postings": []}')) as stub:
        desk = stubbed(f"{stub.url}/v1", clock=lambda: now)
        desk.ask("KNPA/1 ?")
        desk.tell(posting(posting_id="p1"))
        desk.posted(now.date())
    debt, told, listed = stub.received
    assert (debt.method, debt.target) == ("GET", "/v1/debts/KNPA%2F1%20%3F")
    assert (listed.method, listed.target) == ("GET", f"/v1/postings?day={now.date()}")
    assert told.headers["webhook-id"] == "p1"
    assert set(json.loads(told.body)) == {
        *("posting_id", "external_id", "kind", "amount", "happened_at", "receipt_number", "provider")
    }
    secret = [secret_bytes(SECRET)]
    assert verify(debt.headers, f"GET {debt.target}".encode(), secret, now)
    assert verify(told.headers, told.body, secret, now)
    assert verify(listed.headers, f"GET {listed.target}".encode(), secret, now)
    assert debt.headers["webhook-id"] != listed.headers["webhook-id"]


LINE = {"posting_id": "p1", "external_id": "A", "amount": 1, "posted_at": "2026-11-25T09:00:00+09:00"}
STRANGE = {
    "closed": CLOSE,
    "reset": RESET,
    "no-json": http(200, b"<html>"),
    "a-list": http(200, b"[]"),
    "empty": http(200, b"{}"),
    "another-state": http(200, b'{"state": "perhaps"}'),
    "half-a-won": http(200, b'{"state": "open", "amount": 1.5}'),
    "a-true-won": http(200, b'{"state": "open", "amount": true, "postings": [{"amount": true}]}'),
    "less-than-nothing": http(200, b'{"state": "open", "amount": -1}'),
    "a-day-for-a-time": http(200, json.dumps({"postings": [{**LINE, "posted_at": "2026-11-25"}]}).encode()),
    "a-debt-without-a-number": http(200, json.dumps({"postings": [{**LINE, "external_id": ""}]}).encode()),
    "deep": http(200, b"[" * 100_000),
    "endless": http(200, b"x" * 2_000_001),
    "401": http(401, b'{"code": "bad_signature"}'),
    "404-of-a-proxy": http(404, b"<html>not here</html>"),
    "409-without-a-word": http(409, b"{}"),
    "500": http(500, b'{"code": "x"}'),
    "elsewhere": http(302, Location="http://127.0.0.1:1/"),
}


@pytest.mark.parametrize("strange", STRANGE)
def test_nothing_is_concluded_from_an_answer_that_makes_no_sense(strange: str) -> None:
    with gateway(lambda _: STRANGE[strange]) as stub:
        desk = stubbed(stub.url)
        for call in (lambda: desk.ask("A"), lambda: desk.tell(posting()), lambda: desk.posted(today())):
            with pytest.raises(DeskUnavailable) as caught:
                call()
            assert stub.url not in str(caught.value)


def test_a_list_that_goes_round_in_circles_ends() -> None:
    with gateway(lambda _: http(200, b'{"postings": [], "next": "7"}')) as stub:
        assert stubbed(stub.url).posted(today()) == []
    assert [request.query.get("after") for request in stub.received] == [None, "7"]


def test_a_desk_inside_our_own_network_is_not_called() -> None:
    with gateway(lambda _: http(200, b'{"state": "open"}')) as stub:
        desk = HttpDesk(stub.url, secret_bytes(SECRET))
        with pytest.raises(DeskUnavailable, match="OutboundRefused"):
            desk.ask("A")
    assert stub.received == []


def test_a_desks_missing_setting_is_named() -> None:
    assert registry.env_names("http_desk", "knpa") == ("DESK_KNPA_URL", "DESK_KNPA_SECRET")
    assert registry.missing("http_desk", {"DESK_KNPA_URL": "x"}, agency_code="knpa") == ["DESK_KNPA_SECRET"]
    with pytest.raises(registry.MissingSetting, match="DESK_KNPA_URL"):
        registry.build("http_desk", {}, agency_code="knpa")


def test_an_unknown_protocol_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="http_desk"):
        registry.build("pigeon", {}, agency_code="knpa")


def today() -> Any:
    return (datetime.now(UTC) + timedelta(hours=9)).date()
