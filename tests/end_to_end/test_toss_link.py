"""Link the Toss app from the page to the mini-app in the sandbox and back, send there, and end the link both ways."""

import base64
import json
import re
import urllib.parse
import urllib.request
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from django.test import Client

from citizens.models import Erasure
from citizens.tasks import erase
from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Delivery
from sandbox.state import credentials
from sandbox.state.people import person as sample
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.identity.contract import Person
from subscriptions.identity.toss_login import TossLogin, TossRefused
from subscriptions.models import Citizen, CitizenKey, Contact, TossLink
from subscriptions.web.preferences.toss_config import toss_config
from tests.notifications.cast import MORNING, ingest, make_data_type, record, templates
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import provider, quick_passwords  # noqa: F401  (fixtures)
from tests.subscriptions.web.steps import confirmed
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)
HONG, KIM = sample(1), sample(2)
UNLINK = {"Authorization": "Basic " + base64.b64encode(credentials.APPS_IN_TOSS_CALLBACK_AUTH.encode()).decode()}


@pytest.fixture
def alice(client: Client, provider: Any, sandbox: SandboxProcess, live_server: Any) -> Citizen:  # noqa: F811
    (sandbox.data / "people.jsonl").write_text("".join(_line(each) for each in (HONG, KIM)), encoding="utf-8")
    sandbox.settings(callback_base=live_server.url)
    ensure_service_consent()
    make_data_type()
    sandbox.register(*templates())
    who = Person(HONG.ci, HONG.name, date.fromisoformat(HONG.birth_date), HONG.phone)
    provider.people[HONG.phone] = who
    citizen = cast.enrol(who, ("sms",), now=MORNING)
    confirmed(client, "/settings/sign-in/")
    return citizen


def _line(person: Any) -> str:
    return json.dumps(asdict(person), ensure_ascii=False) + "\n"


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def code_of(client: Client) -> str:
    page = client.post("/settings/toss/start/", follow=True).content.decode()
    [code] = re.findall(r'class="receipt">(\w{4}-\w{4})<', page)
    return code


def in_the_mini_app(sandbox: SandboxProcess, code: str, phone: str = "010-0000-0001") -> str:
    """Log in to Toss with that phone, and agree; the result that the mini-app shows."""
    body = urllib.parse.urlencode({"link": code, "phone": phone}).encode()
    with urllib.request.urlopen(f"{sandbox.url}/toss/mini-app/", body, timeout=60) as answer:
        [result] = re.findall(r'data-result="(\w+)"', answer.read().decode())
    return result


def user_key() -> str | None:
    contact = Contact.objects.filter(kind=Contact.TOSS_USER_KEY).first()
    return contact.value if contact else None


def test_from_the_page_to_the_mini_app_to_a_notice_and_to_the_end(
    client: Client, alice: Citizen, sandbox: SandboxProcess
) -> None:
    assert "토스 연결하기" in words(client.get("/settings/channels/"))
    code = code_of(client)
    assert (
        f"{sandbox.url}/toss/mini-app/?link={code.replace('-', '')}" in client.get("/settings/toss/").content.decode()
    )
    early = words(client.get("/settings/toss/?done=1"))
    assert "아직 토스가 연결되지 않았습니다" in early and code in early
    assert "연결되지 않았습니다" not in words(client.get("/settings/toss/"))
    assert in_the_mini_app(sandbox, code.lower()) == "linked"
    assert user_key() == HONG.toss_user_key
    assert "토스 앱을 연결하셨습니다" in words(client.get("/settings/toss/"))
    assert in_the_mini_app(sandbox, code) == "expired"  # used up

    assert client.post("/settings/channels/", {"channel": ["toss", "sms"]}).status_code == 302
    ingest(record(1, subject={"name": HONG.name, "birth_date": HONG.birth_date, "phone": "010-0000-0001"}))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    assert list(Delivery.objects.values_list("channel", "state")) == [("toss", "delivered")]

    assert "되돌릴 수 없지만, 언제든지 여기에서 다시 연결" in words(client.get("/settings/toss/"))
    assert "토스 쪽 연결도 끊었으며" in words(client.post("/settings/toss/end/", follow=True))
    assert user_key() is None
    assert AuditEvent.objects.filter(action="toss.told", citizen_id=alice.pk).count() == 1
    with pytest.raises(TossRefused):  # it is over there too
        TossLogin(present(toss_config())).end(HONG.toss_user_key)
    assert list(alice.channels.values_list("channel", flat=True)) == ["sms"]


def test_no_other_person_is_linked_and_each_way_it_can_fail_says_so(
    client: Client, alice: Citizen, sandbox: SandboxProcess, settings: Any
) -> None:
    code = code_of(client)
    assert in_the_mini_app(sandbox, code, "010-0000-0002") == "another"
    assert "다른 분의 토스 계정이라" in words(client.get("/settings/toss/"))
    for fault, on in [("garbage", "send"), ("error", "read"), ("reset", "send")]:
        code = code_of(client)
        sandbox.fault("toss_login", fault, count=1, on=on)
        assert in_the_mini_app(sandbox, code) == "later", fault
        sandbox.clear_faults()
        assert in_the_mini_app(sandbox, code) == "linked", fault  # the code still holds
        client.post("/settings/toss/end/")
    for posted in ({}, {"link": "AAAA-AAAA"}, {"link": 7, "authorizationCode": []}):
        assert client.post("/toss/login/", posted, content_type="application/json").json() == {"result": "expired"}
    code = code_of(client)
    forged = {"link": code, "authorizationCode": "made-up", "referrer": "DEFAULT"}
    assert client.post("/toss/login/", forged, content_type="application/json").json() == {"result": "refused"}
    assert "로그인을 확인하지 못해" in words(client.get("/settings/toss/"))
    settings.TOSS_LINK_MINUTES = 0
    client.post("/settings/toss/start/")
    assert TossLink.objects.get().state == TossLink.WAITING
    assert "사용 시간이 지났습니다" in words(client.get("/settings/toss/"))
    settings.ADAPTER_CONFIG = {**settings.ADAPTER_CONFIG, "APPS_IN_TOSS_ORIGIN": "https://mini-app.example"}
    answer = client.options("/toss/login/")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "https://mini-app.example")
    settings.ADAPTER_CONFIG = {**settings.ADAPTER_CONFIG, "APPS_IN_TOSS_DECRYPTION_KEY": ""}
    assert "지금은 토스를 연결할 수 없습니다" in words(client.get("/settings/toss/"))
    CitizenKey.objects.filter(kind=CitizenKey.CI).delete()
    settings.ADAPTER_CONFIG = sandbox.environment
    assert client.post("/settings/toss/start/")["Location"] == "/sign-up/"
    assert user_key() is None


@pytest.mark.parametrize("fault", ["error", "reset", "garbage"])
def test_an_end_that_toss_does_not_hear_of_holds_here_and_the_page_says_what_to_do_there(
    client: Client, alice: Citizen, sandbox: SandboxProcess, fault: str
) -> None:
    in_the_mini_app(sandbox, code_of(client))
    client.post("/settings/channels/", {"channel": ["toss", "sms"]})
    sandbox.fault("toss_login", fault, count=1, on="end")
    page = words(client.post("/settings/toss/end/", follow=True))
    assert "토스에 알리지 못했습니다" in page and "토스 앱의 토스 로그인 설정" in page
    assert user_key() is None
    assert AuditEvent.objects.filter(action="toss.not_told", citizen_id=alice.pk).count() == 1
    assert "토스가 연결되어 있지 않았습니다" in words(client.post("/settings/toss/end/", follow=True))


def test_an_erasure_ends_the_link_at_toss_too_and_keeps_the_number_no_longer_than_that_takes(
    client: Client, alice: Citizen, sandbox: SandboxProcess
) -> None:
    in_the_mini_app(sandbox, code_of(client))
    assert "연결이 끝났다고 토스에 알립니다" in words(client.get("/my-data/erase/"))
    sandbox.fault("toss_login", "error", count=1, on="end")
    receipt = client.post("/my-data/erase/", {"sure": "yes"})["Location"]
    row = Erasure.objects.get()
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.toss_keys) == (Erasure.WAITING, [HONG.toss_user_key]) and user_key() is None
    stated = words(client.get(receipt)).partition("지우고 있는 것")[2]
    assert "한 사람의 이름" in stated and "토스" not in stated
    Erasure.objects.update(try_at=MORNING)
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.toss_keys_encrypted) == (Erasure.DONE, None)
    assert "토스에 연결이 끝났다고 알렸고, 토스 쪽 연결도 끊었습니다" in words(client.get(receipt))
    with pytest.raises(TossRefused):
        TossLogin(present(toss_config())).end(HONG.toss_user_key)


def test_an_erasure_that_toss_does_not_hear_of_in_time_says_what_to_do_there(
    client: Client, alice: Citizen, sandbox: SandboxProcess
) -> None:
    in_the_mini_app(sandbox, code_of(client))
    receipt = client.post("/my-data/erase/", {"sure": "yes"})["Location"]
    row = Erasure.objects.get()
    sandbox.fault("toss_login", "error", count=1, on="end")
    Erasure.objects.update(promised_by=MORNING, try_at=MORNING)
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.toss_keys_encrypted) == (Erasure.DONE, None)
    assert "토스에 알리지 못했습니다" in words(client.get(receipt))


def test_an_end_in_the_toss_app_is_obeyed_and_only_toss_can_say_so(
    client: Client, alice: Citizen, sandbox: SandboxProcess
) -> None:
    in_the_mini_app(sandbox, code_of(client))
    client.post("/settings/channels/", {"channel": ["toss"]})
    assert "토스로만 받고 계십니다" in words(client.post("/settings/toss/end/", follow=True))
    body = {"userKey": int(HONG.toss_user_key), "referrer": "UNLINK"}
    for headers in ({}, {"Authorization": "Basic eDp5"}):
        answer = client.post("/toss/unlinked/", body, content_type="application/json", headers=headers)
        assert answer.status_code == 401
    assert user_key() == HONG.toss_user_key
    other = {"userKey": 0, "referrer": "UNLINK"}
    for sent, status in [(other, 200), ({}, 400), (body, 200), (body, 200)]:
        answer = client.post("/toss/unlinked/", sent, content_type="application/json", headers=UNLINK)
        assert answer.status_code == status, sent
    assert user_key() is None
    assert "지금 쓸 수 있는 것이 없어" in words(client.get("/settings/"))
