from typing import Any

import pytest

from secretary.kernel.database.retry import Busy
from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import now as clock_now
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.models import Citizen, Consent, Contact, DataType, Subscription
from subscriptions.web.citizens import finish, more
from subscriptions.web.citizens import identity as identity_pages
from subscriptions.web.citizens import settings as settings_pages
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.subscriptions.web.steps import DETAILS, answers, confirmed, until_check
from tests.support.browser_forms import FormReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


@pytest.fixture
def alice(client: Any, provider: Any) -> Any:
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def live() -> Any:
    return set(Subscription.objects.filter(ended_at=None).values_list("data_type__code", flat=True))


@pytest.mark.parametrize("path", ["channels/", "more/", "end/", "end/traffic_fine/"])
def test_every_page_of_the_settings_leads_back_and_out(client: Any, alice: Any, path: Any) -> None:
    page = client.get(f"/settings/{path}").content.decode()
    bar = page.partition("<main")[0]
    assert 'href="/settings/"' in bar and 'href="/pay/"' in bar and "로그아웃" in bar
    assert 'aria-current="page"' not in bar and bar.count('<a href="/settings/" aria-current="true">') == 1


@pytest.mark.parametrize(
    "path", ["/settings/", "/settings/channels/", "/settings/more/", "/settings/end/", "/settings/end/traffic_fine/"]
)
def test_settings_are_shown_only_after_proof_of_identity(client: Any, path: Any) -> None:
    assert client.get(path)["Location"] == "/sign-in/"
    assert client.post(path).status_code in (302, 405)


def test_a_person_sees_what_they_chose(client: Any, alice: Any) -> None:
    page = client.get("/settings/").content.decode()
    assert "홍길동" in page
    assert "010-****-0001" in page
    assert "traffic_fine 알림" in page


def test_the_order_of_channels_changes(client: Any, alice: Any) -> None:
    changed = client.post("/settings/channels/", {"channel": ["naver", "sms"]})
    assert changed.status_code == 302
    assert list(alice.channels.values_list("channel", flat=True)) == ["naver", "sms"]


def test_one_kind_ends_after_a_question(client: Any, alice: Any) -> None:
    assert client.get("/settings/end/traffic_fine/").status_code == 200
    assert live() == {"traffic_fine"}
    client.post("/settings/end/traffic_fine/")
    assert live() == set()


def test_more_kinds_ask_for_their_consent_only(client: Any, alice: Any) -> None:
    client.post("/settings/more/", {"health": ["health_checkup"]})
    page = client.get("/settings/more/consent/").content.decode()
    assert page.count("<fieldset") == 1
    client.post("/settings/more/consent/", answers("health_checkup"))
    assert live() == {"traffic_fine", "health_checkup"}


def test_who_gets_every_kind_is_shown_no_empty_form(client: Any, alice: Any) -> None:
    assert 'value="health_checkup"' in client.get("/settings/more/").content.decode()
    cast.enrol(cast.person(1), ("sms",), *cast.OFFERED)
    main = client.get("/settings/more/").content.decode().partition("<main")[2]
    assert "모두 받고 계십니다" in main and "<form" not in main and 'href="/settings/"' in main


def test_everything_can_be_withdrawn_and_the_page_stays(client: Any, alice: Any) -> None:
    client.post("/settings/end/")
    assert live() == set()
    assert "지금은 받고 있는 알림이 없습니다" in client.get("/settings/").content.decode()


def test_who_stopped_each_kind_singly_can_still_withdraw_the_consent_to_the_service(client: Any, alice: Any) -> None:
    client.post("/settings/end/traffic_fine/")
    page = client.get("/settings/").content.decode()
    assert "국민비서 이용 동의는 남아 있어" in page
    assert 'href="/settings/end/">국민비서 이용 동의 철회하기</a>' in page and "모두 철회하기" not in page
    asked = client.get("/settings/end/").content.decode()
    assert "<h1>국민비서 이용 동의 철회하기</h1>" in asked and "받고 계신 알림은 이미 없습니다" in asked
    client.post("/settings/end/")
    assert not Consent.objects.filter(citizen=alice, withdrawn_at=None).exists()
    page = client.get("/settings/").content.decode()
    assert "국민비서 이용 동의도 철회하셨습니다" in page
    assert 'href="/settings/end/"' not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("nonsense", "이런 종류의 알림은 없습니다"),
        ("vaccination", "‘vaccination 알림’ 안내는 지금 받고 계신 알림이 아닙니다"),
        ("service", "이런 종류의 알림은 없습니다"),
    ],
)
def test_what_one_does_not_get_cannot_be_stopped_and_the_page_says_so(
    client: Any, alice: Any, method: Any, code: Any, shown: Any
) -> None:
    answer = getattr(client, method)(f"/settings/end/{code}/", follow=True)
    assert answer.redirect_chain[-1][0] == "/settings/"
    assert shown in answer.content.decode()
    assert "철회했습니다" not in answer.content.decode()
    assert live() == {"traffic_fine"}
    assert not AuditEvent.objects.filter(action="consent.withdrawn").exists()


def test_a_kind_that_is_no_longer_offered_can_be_stopped_by_its_name(client: Any, alice: Any) -> None:
    DataType.objects.filter(code="traffic_fine").update(live_version=None)
    assert "traffic_fine 알림" in client.get("/settings/end/traffic_fine/").content.decode()
    answer = client.post("/settings/end/traffic_fine/", follow=True)
    assert "‘traffic_fine 알림’ 안내를 중지하고 동의를 철회했습니다" in answer.content.decode()
    assert live() == set()


def test_a_second_withdrawal_says_that_there_is_nothing_left(client: Any, alice: Any) -> None:
    client.post("/settings/end/")
    for answer in (client.get("/settings/end/", follow=True), client.post("/settings/end/", follow=True)):
        assert "이미 모두 철회하셨습니다" in answer.content.decode()


def test_what_another_window_stopped_first_is_not_called_stopped_now(client: Any, alice: Any) -> None:
    client.get("/settings/end/traffic_fine/")
    client.post("/settings/end/traffic_fine/")
    client.get("/settings/")
    answer = client.post("/settings/end/traffic_fine/", follow=True)
    assert "지금 받고 계신 알림이 아닙니다" in answer.content.decode()


def test_the_consent_page_of_one_window_is_not_answered_for_the_choice_of_another(client: Any, alice: Any) -> None:
    client.post("/settings/more/", {"health": ["health_checkup"]})
    [first] = [
        f for f in FormReader(client.get("/settings/more/consent/").content.decode()).forms if "asked" in f.names
    ]
    client.post("/settings/more/", {"health": ["health_checkup"], "vaccination": ["vaccination"]})
    answered = first.values | answers("health_checkup", "vaccination")
    page = client.post("/settings/more/consent/", answered, follow=True)
    assert "그사이 다른 창에서 알림 종류를 바꾸셨습니다" in page.content.decode()
    assert live() == {"traffic_fine"}


def test_after_half_an_hour_one_proves_it_again(client: Any, clock: Any, alice: Any) -> None:
    clock.shift(31 * 60)
    assert client.get("/settings/")["Location"] == "/sign-in/"


def test_signing_out_closes_the_settings(client: Any, alice: Any) -> None:
    client.post("/settings/sign-out/")
    assert client.get("/settings/")["Location"] == "/sign-in/"


def test_a_person_who_is_not_signed_up_is_led_to_the_sign_up(client: Any, provider: Any) -> None:
    assert confirmed(client, "/settings/sign-in/")["Location"] == "/sign-up/channels/"
    assert not Citizen.objects.exists()


def test_a_person_whose_number_is_another_persons_now_reads_so_and_is_asked_for_a_new_one(
    client: Any, alice: Any
) -> None:
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=clock_now())
    page = client.get("/settings/").content.decode()
    assert "더 이상 본인의 번호가 아닙니다" in page
    assert 'href="/settings/number/"' in page
    assert "<h1>휴대전화번호 변경</h1>" in client.get("/settings/number/").content.decode()


def test_coming_in_with_the_new_number_is_enough_to_be_reached_there(client: Any, provider: Any, alice: Any) -> None:
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=clock_now())
    provider.people["+821000000077"] = cast.person(1, phone="+821000000077")
    client.cookies.clear()
    confirmed(client, "/settings/sign-in/", phone="010-0000-0077")
    page = client.get("/settings/").content.decode()
    assert "010-****-0077" in page
    assert "더 이상 본인의 번호가 아닙니다" not in page


def test_proving_a_number_takes_it_from_its_owner_before_any_sign_up(client: Any, provider: Any, alice: Any) -> None:
    provider.people["+821000000001"] = cast.person(2, name="이샘플", phone="+821000000001")
    client.cookies.clear()
    confirmed(client, name="이샘플")
    assert alice.contacts.get(kind="phone").suspended_at is not None


def busy(**values: Any) -> None:
    raise Busy("40P01")


@pytest.mark.parametrize(
    ("path", "posted", "module", "deed"),
    [
        ("/settings/channels/", {"channel": ["naver", "sms"]}, settings_pages, "change_channels"),
        ("/settings/end/", {}, settings_pages, "withdraw"),
        ("/settings/end/traffic_fine/", {}, settings_pages, "withdraw"),
    ],
)
def test_when_others_are_in_the_way_the_page_says_so_and_the_same_button_works(
    client: Any, alice: Any, monkeypatch: Any, path: Any, posted: Any, module: Any, deed: Any
) -> None:
    monkeypatch.setattr(module, deed, busy)
    page = client.post(path, posted, follow=True)
    assert page.redirect_chain == [(path, 302)]
    assert "잠시 후 버튼을 다시 눌러 주십시오" in page.content.decode()
    monkeypatch.undo()
    assert client.post(path, posted)["Location"] == "/settings/"


def test_so_it_is_with_more_kinds(client: Any, alice: Any, monkeypatch: Any) -> None:
    client.post("/settings/more/", {"health": ["health_checkup"]})
    monkeypatch.setattr(more, "add_data_types", busy)
    page = client.post("/settings/more/consent/", answers("health_checkup"), follow=True)
    assert "잠시 후 버튼을 다시 눌러 주십시오" in page.content.decode()
    monkeypatch.undo()
    client.post("/settings/more/consent/", answers("health_checkup"))
    assert live() == {"traffic_fine", "health_checkup"}


def test_so_it_is_at_the_end_of_a_sign_up(client: Any, provider: Any, monkeypatch: Any) -> None:
    until_check(client)
    monkeypatch.setattr(finish, "sign_up", busy)
    page = client.post("/sign-up/check/", follow=True)
    assert page.redirect_chain == [("/sign-up/check/", 302)]
    assert "홍길동" in page.content.decode()
    monkeypatch.undo()
    assert client.post("/sign-up/check/")["Location"] == "/sign-up/done/"


def test_a_code_that_was_right_is_not_asked_for_again(client: Any, provider: Any, monkeypatch: Any) -> None:
    client.post("/sign-up/", DETAILS)
    monkeypatch.setattr(identity_pages, "note_verified_number", busy)
    page = client.post("/sign-up/code/", {"code": CODE}, follow=True)
    assert page.redirect_chain[-1][0] == "/sign-up/code/"
    assert "잠시 후 버튼을 다시 눌러 주십시오" in page.content.decode()
    monkeypatch.undo()
    assert client.post("/sign-up/code/", {"code": CODE})["Location"] == "/sign-up/channels/"


def test_the_settings_say_whether_the_toss_app_is_linked(client: Any, provider: Any) -> None:
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    assert "<dt>토스 앱</dt><dd>연결되지 않음</dd>" in client.get("/settings/").content.decode()
    key = Contact(citizen=citizen, kind=Contact.TOSS_USER_KEY)
    key.value = "443000001"
    key.save()
    assert "<dt>토스 앱</dt><dd>연결됨</dd>" in client.get("/settings/").content.decode()
