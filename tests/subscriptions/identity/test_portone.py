from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from portone_server_sdk.identity_verification import IdentityVerificationClient, SendIdentityVerificationBodyCustomer

from subscriptions.identity.contract import Applicant, IdentityRefused, IdentityUnavailable, Person, Reason
from subscriptions.identity.portone import PortOne
from subscriptions.identity.registry import MissingSetting, UnknownProvider, build
from tests.subscriptions.identity.stub import Stub

CI = "A" * 86 + "=="
APPLICANT = Applicant("홍길동", "+821000001234", "SKT_MVNO", "8503141", "203.0.113.7")
WHO = {"name": "홍길동", "birthDate": "1985-03-14", "phoneNumber": "01000001234", "ci": CI}
TIMES = dict.fromkeys(("requestedAt", "updatedAt", "statusChangedAt", "verifiedAt"), "2026-03-02T01:00:00Z")
FOUND = {
    "status": "VERIFIED",
    "id": "ps-1",
    "verifiedCustomer": WHO,
    "pgTxId": "1",
    "pgRawResponse": "{}",
    "version": "V2",
} | TIMES


@pytest.fixture
def stub() -> Any:
    answers = {"send": (200, {}), "resend": (200, {}), "confirm": (200, {"identityVerification": FOUND})}
    with Stub(answers | {"": (200, FOUND)}) as running:
        yield running


@pytest.fixture(params=[None, "store-1"])
def store(request: pytest.FixtureRequest) -> Any:
    return request.param


def ours(stub: Any, store: Any = None) -> Any:
    return PortOne(secret="s", channel_key="channel-1", store_id=store, base_url=stub.url)


def theirs(stub: Any, store: Any) -> Any:
    return IdentityVerificationClient(secret="s", base_url=stub.url, store_id=store)


def test_every_request_is_the_one_that_portones_own_sdk_makes(stub: Any, store: Any) -> None:
    provider, sdk = ours(stub, store), theirs(stub, store)
    provider.start("ps-1", APPLICANT)
    provider.resend("ps-1")
    provider.confirm("ps-1", "123456")
    mine, stub.asked = stub.asked, []
    customer = SendIdentityVerificationBodyCustomer("홍길동", "01000001234", "203.0.113.7", identity_number="8503141")
    sdk.send_identity_verification(
        identity_verification_id="ps-1", channel_key="channel-1", customer=customer, operator="SKT_MVNO", method="SMS"
    )
    sdk.resend_identity_verification(identity_verification_id="ps-1")
    sdk.confirm_identity_verification(identity_verification_id="ps-1", otp="123456")
    sdk.get_identity_verification(identity_verification_id="ps-1")
    assert mine == stub.asked
    stub.asked = []
    provider.start("ps-2", replace(APPLICANT, method="app", identity_number=""))
    provider.confirm("ps-1", "")
    mine, stub.asked = stub.asked, []
    customer = SendIdentityVerificationBodyCustomer("홍길동", "01000001234", "203.0.113.7")
    sdk.send_identity_verification(
        identity_verification_id="ps-2", channel_key="channel-1", customer=customer, operator="SKT_MVNO", method="APP"
    )
    sdk.confirm_identity_verification(identity_verification_id="ps-1")
    sdk.get_identity_verification(identity_verification_id="ps-1")
    sdk._sync_client.close()
    assert mine == stub.asked


def test_a_confirmed_person_is_who_portone_says(stub: Any) -> None:
    assert ours(stub).confirm("ps-1", "123456") == Person(CI, "홍길동", date(1985, 3, 14), "+821000001234")


def test_a_provider_that_names_no_number_leaves_it_empty(stub: Any) -> None:
    stub.answers[""] = (200, FOUND | {"verifiedCustomer": {k: v for k, v in WHO.items() if k != "phoneNumber"}})
    assert ours(stub).confirm("ps-1", "123456").phone == ""


@pytest.mark.parametrize(
    ("step", "kind", "reason"),
    [
        ("send", "PG_PROVIDER", "unknown_person"),
        ("send", "INVALID_REQUEST", "unknown_person"),
        ("resend", "IDENTITY_VERIFICATION_NOT_SENT", "expired"),
        ("confirm", "PG_PROVIDER", "wrong_code"),
        ("confirm", "IDENTITY_VERIFICATION_NOT_FOUND", "expired"),
        ("confirm", "IDENTITY_VERIFICATION_ALREADY_VERIFIED", "already_confirmed"),
    ],
)
def test_a_refusal_says_why(stub: Any, step: Any, kind: Any, reason: Any) -> None:
    stub.answers[step] = (400, {"type": kind, "pgCode": "1", "pgMessage": "홍길동 01000001234"})
    with pytest.raises(IdentityRefused) as refused:
        call(ours(stub), step)
    assert refused.value.reason == reason
    assert reason in get_args(Reason)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {"type": "UNAUTHORIZED"}),
        (404, {"type": "CHANNEL_NOT_FOUND"}),
        (500, b"<html>"),
        (200, b"[]"),
        (302, {}),
    ],
)
@pytest.mark.parametrize("step", ["send", "confirm"])
def test_what_is_not_about_the_person_can_be_tried_again(stub: Any, step: Any, answer: Any) -> None:
    stub.answers[step] = answer
    with pytest.raises(IdentityUnavailable) as failed:
        call(ours(stub), step)
    assert "8503141" not in repr(failed.value)
    assert "/elsewhere" not in {asked.path for asked in stub.asked}


def test_a_closed_port_is_unavailable_without_a_trace_of_the_person(stub: Any) -> None:
    provider = PortOne(secret="s", channel_key="c", base_url="http://127.0.0.1:9", connect_seconds=0.5)
    with pytest.raises(IdentityUnavailable) as failed:
        provider.start("ps-1", APPLICANT)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def test_too_many_requests_is_a_refusal(stub: Any) -> None:
    stub.answers["send"] = (429, {"type": "X"})
    with pytest.raises(IdentityRefused, match="too_many"):
        ours(stub).start("ps-1", APPLICANT)


def test_a_repeated_start_whose_answer_was_lost_is_no_failure(stub: Any) -> None:
    stub.answers["send"] = (409, {"type": "IDENTITY_VERIFICATION_ALREADY_SENT"})
    ours(stub).start("ps-1", APPLICANT)
    assert len(stub.asked) == 1  # the code that was sent stays valid: no second one is requested


@pytest.mark.parametrize(
    "found",
    [
        FOUND | {"status": "READY"},
        FOUND | {"id": "ps-2"},
        FOUND | {"verifiedCustomer": WHO | {"ci": None}},
        FOUND | {"verifiedCustomer": WHO | {"birthDate": "14.3.1985"}},
        {},
    ],
)
def test_an_answer_that_does_not_prove_who_it_is_proves_nothing(stub: Any, found: Any) -> None:
    stub.answers[""] = (200, found)
    with pytest.raises(IdentityUnavailable):
        ours(stub).confirm("ps-1", "123456")


def test_the_registry_builds_it_and_names_what_is_missing() -> None:
    env = {"PORTONE_API_SECRET": "s", "PORTONE_CHANNEL_KEY": "c"}
    assert build("portone", env).name == "portone"
    with pytest.raises(MissingSetting, match="PORTONE_CHANNEL_KEY"):
        build("portone", {"PORTONE_API_SECRET": "s"})
    with pytest.raises(UnknownProvider, match="portone"):
        build("unknown", env)


def call(provider: Any, step: Any) -> None:
    if step == "send":
        provider.start("ps-1", APPLICANT)
    elif step == "resend":
        provider.resend("ps-1")
    else:
        provider.confirm("ps-1", "123456")
