"""The sandbox's agency biller: it believes only signed requests, and answers what the control API set."""

import json
import time
import urllib.error
from typing import Any

import pytest
import requests

from sandbox.agencies.push import headers as signed
from sandbox.state import credentials
from tests.support.sandbox_process import SandboxProcess

BASE = "/agencies/knpa/biller/v1"
POSTING = {
    "posting_id": "p-1",
    "external_id": "KNPA-9",
    "kind": "paid",
    "amount": 32_000,
    "happened_at": "2026-11-25T09:00:00+09:00",
    "receipt_number": "PS-1",
    "provider": "kakaopay",
}


def get(sandbox: SandboxProcess, target: str, *, signed_as: str = "", age: int = 0) -> requests.Response:
    line = f"GET {BASE}{signed_as or target}".encode()
    given = signed("ask_1", line, int(time.time()) - age, credentials.AGENCY_BILLER_SECRET)
    return requests.get(f"{sandbox.url}{BASE}{target}", headers=given, timeout=60)


def post(sandbox: SandboxProcess, body: Any, *, message_id: str = "p-1") -> requests.Response:
    raw = json.dumps(body).encode()
    given = signed(message_id, raw, int(time.time()), credentials.AGENCY_BILLER_SECRET)
    return requests.post(f"{sandbox.url}{BASE}/postings", data=raw, headers=given, timeout=60)


@pytest.fixture(autouse=True)
def one_debt(sandbox: SandboxProcess) -> None:
    sandbox.request("DELETE", "/control/payments")
    sandbox.request("PATCH", "/control/agencies/knpa/debts/KNPA-9", {"state": "open"})


def test_a_question_is_answered_for_who_signed_just_this_question_just_now(sandbox: SandboxProcess) -> None:
    assert get(sandbox, "/debts/KNPA-9").json() == {"state": "open", "amount": None, "version": None}
    assert get(sandbox, "/debts/KNPA-9", signed_as="/debts/KNPA-8").status_code == 401
    assert get(sandbox, "/debts/KNPA-9", age=301).status_code == 401
    assert requests.get(f"{sandbox.url}{BASE}/debts/KNPA-9", timeout=60).status_code == 401


def test_a_debt_is_what_was_set_until_it_is_unset(sandbox: SandboxProcess) -> None:
    path = "/control/agencies/knpa/debts/KNPA-9"
    sandbox.request("PATCH", path, {"state": "objection", "amount": 30_900})
    assert get(sandbox, "/debts/KNPA-9").json() == {"state": "objection", "amount": 30_900, "version": None}
    sandbox.request("PATCH", path, {"state": None, "amount": None, "unknown": True})
    assert get(sandbox, "/debts/KNPA-9").json() == {"code": "unknown_debt"}
    with pytest.raises(urllib.error.HTTPError):
        sandbox.request("PATCH", path, {"state": "perhaps"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 0}, "bad_posting"),
        ({"amount": True}, "bad_posting"),
        ({"kind": "gift"}, "bad_posting"),
        ({"happened_at": "2026-11-25T09:00:00"}, "bad_posting"),
        ({"external_id": "KNPA-404"}, "unknown_debt"),
    ],
)
def test_a_posting_that_is_none_is_refused(change: dict[str, Any], code: str, sandbox: SandboxProcess) -> None:
    assert post(sandbox, {**POSTING, **change}).json() == {"code": code}
    assert sandbox.request("GET", "/control/agencies/knpa/postings") == {"postings": [], "net": 0}


def test_a_posting_goes_under_its_own_id(sandbox: SandboxProcess) -> None:
    assert post(sandbox, POSTING, message_id="p-2").json() == {"code": "another_id"}
    assert post(sandbox, POSTING).json() == post(sandbox, POSTING).json()
    assert sandbox.request("GET", "/control/agencies/knpa/postings")["net"] == 32_000
