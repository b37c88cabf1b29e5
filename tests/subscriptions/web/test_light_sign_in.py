"""A returning person gives the number and one code. The pages are the same for every number."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from citizens.models import DataExport, Erasure
from notifications.channels.contract import Message, Outcome, Verdict
from notifications.delivery import providers
from notifications.operations import send_codes as sending
from subscriptions.models import Attempt, Citizen, Contact, PhoneCode, Unreached
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider", "still_clock")]
NUMBER, CODE, FULL = "/sign-in/", "/sign-in/code/", "/settings/sign-in/"
ALICE, STRANGER = "010-0000-0001", "010-0000-0099"


class Texts:
    """The text messages that went out: number → codes."""

    channel = "sms"

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.verdict = Verdict.ACCEPTED

    def send(self, messages: list[Message], *, batch_key: str) -> list[Outcome]:
        self.sent += messages
        return [Outcome(each.reference, self.verdict) for each in messages]

    def code(self) -> str:
        sending.send_codes(now=cast.NOW)
        found = re.search(r"\d{6}", self.sent[-1].text)
        assert found
        return found[0]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch, clock: Any) -> Texts:
    gateway = Texts()
    monkeypatch.setattr(providers, "usable", lambda _code: [("test", gateway)])
    return gateway


@pytest.fixture
def alice(clock: Any) -> Citizen:
    """She has proved her number."""
    enrolled = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    Contact.objects.filter(citizen=enrolled).update(verified_at=cast.NOW)
    return enrolled


def ask(client: Client, phone: str = ALICE) -> Any:
    return client.post(NUMBER, {"phone": phone})


def test_number_and_code_sign_in_and_the_code_is_kept_nowhere(client: Client, alice: Citizen, texts: Texts) -> None:
    client.get("/settings/channels/")
    assert ask(client)["Location"] == CODE
    code = texts.code()
    [message] = texts.sent
    assert message.address == "+821000000001"
    assert message.text == f"[국민비서] 로그인 인증번호 {code} (3분 안에 입력). 누구에게도 알려 주지 마세요."
    assert len(message.text.encode("euc-kr")) <= 90  # one short message
    row = PhoneCode.objects.get()
    assert (row.phone_encrypted, row.code_encrypted) == (None, None)
    assert code not in str(dict(client.session)) and code.encode() not in bytes(row.code_hash)
    before = client.session.session_key
    assert client.post(CODE, {"code": code})["Location"] == "/settings/channels/"
    assert client.session.session_key != before
    assert client.get("/settings/").status_code == 200
    sending.send_codes(now=cast.NOW)
    assert len(texts.sent) == 1  # sent once
    other = Client()
    ask(other, STRANGER)
    assert other.post(CODE, {"code": code})["Location"] == CODE  # another session's code
    client.post("/settings/sign-out/")
    ask(client)
    assert client.post(CODE, {"code": code})["Location"] == CODE  # used
    assert client.get("/settings/")["Location"] == NUMBER


def test_a_number_without_an_enrolled_person_looks_the_same(alice: Citizen, texts: Texts) -> None:
    """Page, statements and status; what differs happens in a worker."""

    def met(phone: str) -> list[Any]:
        client, found = Client(), []
        deeds: tuple[Callable[[], Any], ...] = (
            lambda: ask(client, phone),
            lambda: client.get(CODE),
            lambda: client.post(CODE, {"code": "000000"}),
            lambda: client.post(f"{CODE}again/"),
        )
        for deed in deeds:
            with CaptureQueriesContext(
                connection,
            ) as statements:
                answer = deed()
            kinds = [re.sub(r"'[^']*'|\d+|%s", "?", each["sql"])[:60] for each in statements.captured_queries]
            page = answer.content.decode().replace(phone[-4:], "NNNN")
            found.append((answer.status_code, kinds, re.sub(r'value="[^"]{16,}"|data-seconds="\d+"', "", page)))
        return found

    known, unknown = met(ALICE), met(STRANGER)
    for step, (one, other) in enumerate(zip(known, unknown, strict=True)):
        assert one == other, step
    sending.send_codes(now=cast.NOW)
    assert {each.address for each in texts.sent} == {"+821000000001"}
    assert not PhoneCode.objects.exclude(phone_encrypted=None).exists()


def test_only_who_may_sign_in_by_a_code_gets_one(client: Client, alice: Citizen, texts: Texts, settings: Any) -> None:
    mine = Contact.objects.filter(citizen=alice)
    year = timedelta(days=366)
    spoilt: dict[str, Callable[[], Any]] = {
        "taken over by another person": lambda: mine.update(suspended_at=cast.NOW),
        "on paper only": lambda: mine.update(verified_at=None),
        "not proved for a year": lambda: mine.update(verified_at=cast.NOW - year),
        "erased": lambda: Citizen.objects.update(state=Citizen.ERASED),
        "no message arrives there": lambda: Unreached.objects.create(
            citizen=alice, at=cast.NOW, reason="all_channels_failed", notice_id=1
        ),
    }
    for why, spoil in spoilt.items():
        ask(client)
        code = texts.code()  # sent while it was right, used when it no longer is
        spoil()
        assert client.post(CODE, {"code": code})["Location"] == CODE, why
        sent = len(texts.sent)
        Attempt.objects.all().delete()
        assert ask(Client())["Location"] == CODE, why
        sending.send_codes(now=cast.NOW)
        assert len(texts.sent) == sent, why
        if why == "not proved for a year":
            settings.PHONE_CODE_PROVED_DAYS = 400
            ask(Client())
            texts.code()
            assert len(texts.sent) == sent + 1
            settings.PHONE_CODE_PROVED_DAYS = 365
            confirmed(Client(), FULL)  # a full check proves it anew
            ask(Client())
            texts.code()
            assert len(texts.sent) == sent + 2
        mine.update(suspended_at=None, verified_at=cast.NOW)
        Citizen.objects.update(state=Citizen.ACTIVE)
        Unreached.objects.all().delete()


def test_wrong_late_used_up_and_too_many_each_say_what_to_do(
    client: Client, alice: Citizen, texts: Texts, clock: Any, settings: Any
) -> None:
    ask(client)
    code = texts.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert "4번 더 입력하실 수 있습니다" in client.post(CODE, {"code": wrong}, follow=True).content.decode()
    for _ in range(3):
        client.post(CODE, {"code": wrong})
    assert "5번 잘못 입력하셔서" in client.post(CODE, {"code": wrong}, follow=True).content.decode()
    assert "5번 잘못 입력하셔서" in client.post(CODE, {"code": code}, follow=True).content.decode()
    assert (
        "방금 인증번호를 보냈습니다" in client.post(f"{CODE}again/", follow=True).content.decode()
    )  # within 30 seconds
    clock.shift(31)
    assert client.post(f"{CODE}again/")["Location"] == CODE
    assert PhoneCode.objects.filter(used_at=None).count() == 1  # the earlier one is void
    clock.shift(181)
    assert "입력 시간(3분)이" in client.post(CODE, {"code": wrong}, follow=True).content.decode()
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"light_asked_phone": (2, 86400)}
    answer = ask(Client())
    assert answer.status_code == 429 and "다시 받으실 수 있습니다" in answer.content.decode()
    assert FULL in answer.content.decode()  # the identity check stays open
    assert confirmed(Client(), FULL)["Location"] == "/inbox/"


def test_a_light_sign_in_shows_and_pauses_and_does_nothing_dangerous(
    client: Client, alice: Citizen, texts: Texts
) -> None:
    ask(client)
    client.post(CODE, {"code": texts.code()})
    assert client.get("/settings/end/traffic_fine/").status_code == 200
    for path in ("/my-data/copy/", "/my-data/copy/1/", "/my-data/erase/"):
        assert client.get(path)["Location"] == FULL, path
        answer = client.post(path, {"sure": "yes"})
        assert answer.status_code == 405 or answer["Location"] == FULL, path  # a file is not posted to
    for path in ("/settings/number/", "/settings/number/code/"):
        client.post(path, {"phone": STRANGER, "code": "000000"})
    assert not Erasure.objects.exists() and not DataExport.objects.exists()
    assert alice.contacts.get(kind="phone").value == "+821000000001"
    page = client.get(FULL).content.decode()
    assert "김*수" in page or "*" in page
    assert 'name="name"' not in page and "010-****-0001" in page
    answer = client.post(FULL, {"known": "yes", "carrier": "KT", "identity_number": "8503141"})
    assert answer["Location"] == f"{FULL}code/"
    assert 'name="name"' in client.get(f"{FULL}?other=1").content.decode()


def test_a_code_that_the_gateway_refuses_or_whose_worker_dies_is_not_sent_again(
    client: Client, alice: Citizen, texts: Texts, clock: Any
) -> None:
    texts.verdict = Verdict.RETRY_LATER
    ask(client)
    assert sending.send_codes(now=cast.NOW) == 0
    assert sending.send_codes(now=cast.NOW) == 0
    assert len(texts.sent) == 1
    ask(Client(), ALICE)
    clock.shift(91)
    assert sending.send_codes(now=cast.NOW + timedelta(seconds=91)) == 0  # too late to be of use
    assert len(texts.sent) == 1
