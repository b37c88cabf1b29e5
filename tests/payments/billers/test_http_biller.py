"""Our own protocol of an agency's biller (docs/agency-biller.md), against the sandbox's biller and against nonsense."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.billers import registry
from payments.billers.contract import Biller, BillerRefused, BillerUnavailable, Debt, DebtState, Posting
from payments.billers.http_biller import HttpBiller
from secretary.kernel.http.standard_webhooks import secret_bytes, verify
from tests.support.gateway_stub import CLOSE, RESET, gateway, http
from tests.support.sandbox_process import SandboxProcess

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
def biller(sandbox: SandboxProcess) -> Biller:
    return registry.build("http_biller", sandbox.environment, agency_code="knpa", allow_private=True)


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


def stubbed(url: str, **options: Any) -> HttpBiller:
    return HttpBiller(url, secret_bytes(SECRET), allow_private=True, **options)


def set_debt(sandbox: SandboxProcess, external_id: str, **values: Any) -> None:
    sandbox.request("PATCH", f"/control/agencies/knpa/debts/{external_id}", values)


def test_a_debt_is_what_the_agency_says_now(biller: Biller, sandbox: SandboxProcess) -> None:
    assert biller.poll("KNPA/교통-1") == Debt(DebtState.OPEN, None, 3)
    for state in DebtState:
        set_debt(sandbox, "KNPA-2", state=state.value, amount=30_900, version=4)
        assert biller.poll("KNPA-2") == Debt(state, 30_900, 4)


def test_a_debt_that_the_agency_does_not_know_is_refused(biller: Biller) -> None:
    for external_id in ("KNPA-404", "..", "a?b=c#d", "%2e"):
        with pytest.raises((BillerRefused, BillerUnavailable)):
            biller.poll(external_id)
    with pytest.raises(BillerRefused, match="unknown_debt"):
        biller.poll("KNPA-404")


@pytest.mark.usefixtures("of_one_day")
def test_what_is_reported_twice_is_posted_once(biller: Biller, sandbox: SandboxProcess) -> None:
    reported = posting()
    first, again = biller.report(reported), biller.report(reported)
    assert first.reference and first == again
    assert [line.amount for line in biller.posted(today()) if line.posting_id == reported.posting_id] == [32_000]


@pytest.mark.usefixtures("of_one_day")
def test_what_the_agency_took_without_answering_is_posted_once(biller: Biller, sandbox: SandboxProcess) -> None:
    reported = posting()
    sandbox.fault("biller", "lose_answer", count=1)
    with pytest.raises(BillerUnavailable):
        biller.report(reported)
    assert biller.report(reported).reference
    assert [line.posting_id for line in biller.posted(today())].count(reported.posting_id) == 1


def test_the_same_id_for_another_posting_is_refused(biller: Biller) -> None:
    reported = posting()
    biller.report(reported)
    with pytest.raises(BillerRefused, match="another_posting"):
        biller.report(replace(reported, amount=1))


@pytest.mark.usefixtures("of_one_day")
def test_a_days_list_has_what_came_in_and_what_went_back(biller: Biller) -> None:
    paid, back = posting(), posting(kind="refunded", amount=2_000)
    biller.report(paid)
    biller.report(back)
    lines = {line.posting_id: line for line in biller.posted(today())}
    assert (lines[paid.posting_id].amount, lines[back.posting_id].amount) == (32_000, -2_000)
    assert lines[paid.posting_id].external_id == "KNPA/교통-1"
    assert abs(lines[paid.posting_id].posted_at - datetime.now(UTC)) < timedelta(minutes=1)
    before = {line.posting_id for line in biller.posted(today() - timedelta(days=1))}  # earlier tests' at most
    assert before.isdisjoint({paid.posting_id, back.posting_id})


@pytest.mark.parametrize("fault", ["error", "reset", "rate_limit", "garbage"])
def test_a_biller_in_trouble_is_polled_again_later(fault: str, biller: Biller, sandbox: SandboxProcess) -> None:
    sandbox.fault("biller", fault, on="any", count=3)
    for call in (lambda: biller.poll("KNPA/교통-1"), lambda: biller.report(posting()), lambda: biller.posted(today())):
        with pytest.raises(BillerUnavailable):
            call()


def test_requests_are_signed_over_all_that_matters() -> None:
    now = datetime.now(UTC)
    with gateway(lambda _: http(200, b'{"state": "open", "reference": "R", "postings": []}')) as stub:
        biller = stubbed(f"{stub.url}/v1", clock=lambda: now)
        biller.poll("KNPA/1 ?")
        biller.report(posting(posting_id="p1"))
        biller.posted(now.date())
    debt, reported, listed = stub.received
    assert (debt.method, debt.target) == ("GET", "/v1/debts/KNPA%2F1%20%3F")
    assert (listed.method, listed.target) == ("GET", f"/v1/postings?day={now.date()}")
    assert reported.headers["webhook-id"] == "p1"
    assert set(json.loads(reported.body)) == {
        *("posting_id", "external_id", "kind", "amount", "happened_at", "receipt_number", "provider")
    }
    secret = [secret_bytes(SECRET)]
    assert verify(debt.headers, f"GET {debt.target}".encode(), secret, now)
    assert verify(reported.headers, reported.body, secret, now)
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
        biller = stubbed(stub.url)
        for call in (lambda: biller.poll("A"), lambda: biller.report(posting()), lambda: biller.posted(today())):
            with pytest.raises(BillerUnavailable) as caught:
                call()
            assert stub.url not in str(caught.value)


def test_a_list_that_goes_round_in_circles_ends() -> None:
    with gateway(lambda _: http(200, b'{"postings": [], "next": "7"}')) as stub:
        assert stubbed(stub.url).posted(today()) == []
    assert [request.query.get("after") for request in stub.received] == [None, "7"]


def test_a_biller_inside_our_own_network_is_not_called() -> None:
    with gateway(lambda _: http(200, b'{"state": "open"}')) as stub:
        biller = HttpBiller(stub.url, secret_bytes(SECRET))
        with pytest.raises(BillerUnavailable, match="OutboundRefused"):
            biller.poll("A")
    assert stub.received == []


def test_a_billers_missing_setting_is_named() -> None:
    assert registry.env_names("http_biller", "knpa") == ("BILLER_KNPA_URL", "BILLER_KNPA_SECRET")
    assert registry.missing("http_biller", {"BILLER_KNPA_URL": "x"}, agency_code="knpa") == ["BILLER_KNPA_SECRET"]
    with pytest.raises(registry.MissingSetting, match="BILLER_KNPA_URL"):
        registry.build("http_biller", {}, agency_code="knpa")


def test_an_unknown_protocol_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="http_biller"):
        registry.build("pigeon", {}, agency_code="knpa")


def today() -> Any:
    return (datetime.now(UTC) + timedelta(hours=9)).date()
