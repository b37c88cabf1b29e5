import pytest

from secretary.common.retry import Busy
from subscriptions.models import Citizen, Subscription
from subscriptions.numbers import note_verified_number
from subscriptions.web.citizens import finish, more
from subscriptions.web.citizens import identity as identity_pages
from subscriptions.web.citizens import settings as settings_pages
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.subscriptions.web.steps import DETAILS, answers, confirmed, until_check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


@pytest.fixture
def alice(client, provider):
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def live():
    return set(Subscription.objects.filter(ended_at=None).values_list("data_type__code", flat=True))


@pytest.mark.parametrize(
    "path", ["/settings/", "/settings/channels/", "/settings/more/", "/settings/end/", "/settings/end/traffic_fine/"]
)
def test_nobody_sees_settings_without_proving_who_they_are(client, path):
    assert client.get(path)["Location"] == "/settings/sign-in/"
    assert client.post(path).status_code in (302, 405)


def test_a_person_sees_what_they_chose(client, alice):
    page = client.get("/settings/").content.decode()
    assert "홍길동" in page
    assert "010-****-0001" in page
    assert "traffic_fine 알림" in page


def test_the_order_of_channels_changes(client, alice):
    assert (
        client.post("/settings/channels/", {"first": "sms", "second": "naver", "last_resort": "yes"}).status_code == 302
    )
    assert list(alice.channels.values_list("channel", flat=True)) == ["sms", "naver"]


def test_one_kind_ends_after_a_question(client, alice):
    assert client.get("/settings/end/traffic_fine/").status_code == 200
    assert live() == {"traffic_fine"}
    client.post("/settings/end/traffic_fine/")
    assert live() == set()


def test_more_kinds_ask_for_their_consent_only(client, alice):
    client.post("/settings/more/", {"health": ["health_checkup"]})
    page = client.get("/settings/more/consent/").content.decode()
    assert page.count("<fieldset") == 1
    client.post("/settings/more/consent/", answers("health_checkup"))
    assert live() == {"traffic_fine", "health_checkup"}


def test_everything_can_be_withdrawn_and_the_page_stays(client, alice):
    client.post("/settings/end/")
    assert live() == set()
    assert "지금은 받고 있는 알림이 없습니다" in client.get("/settings/").content.decode()


def test_after_half_an_hour_one_proves_it_again(client, clock, alice):
    clock.shift(31 * 60)
    assert client.get("/settings/")["Location"] == "/settings/sign-in/"


def test_signing_out_closes_the_settings(client, alice):
    client.post("/settings/sign-out/")
    assert client.get("/settings/")["Location"] == "/settings/sign-in/"


def test_somebody_who_is_not_signed_up_is_led_to_the_sign_up(client, provider):
    assert confirmed(client, "/settings/sign-in/")["Location"] == "/sign-up/channels/"
    assert not Citizen.objects.exists()


def test_whose_number_is_somebody_elses_now_is_told_and_asked_for_a_new_one(client, alice):
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=cast.NOW)
    page = client.get("/settings/").content.decode()
    assert "더 이상 본인의 번호가 아닙니다" in page
    assert "/settings/sign-in/" in page


def test_coming_in_with_the_new_number_is_enough_to_be_reached_there(client, provider, alice):
    note_verified_number(person=cast.person(2, name="이샘플", phone="+821000000001"), now=cast.NOW)
    provider.people["+821000000077"] = cast.person(1, phone="+821000000077")
    client.cookies.clear()
    confirmed(client, "/settings/sign-in/", phone="010-0000-0077")
    page = client.get("/settings/").content.decode()
    assert "010-****-0077" in page
    assert "더 이상 본인의 번호가 아닙니다" not in page


def test_proving_a_number_takes_it_from_its_earlier_owner_before_any_sign_up(client, provider, alice):
    provider.people["+821000000001"] = cast.person(2, name="이샘플", phone="+821000000001")
    client.cookies.clear()
    confirmed(client, name="이샘플")
    assert alice.contacts.get(kind="phone").suspended_at is not None


def busy(**values):
    raise Busy("40P01")


@pytest.mark.parametrize(
    ("path", "posted", "module", "deed"),
    [
        ("/settings/channels/", {"first": "naver", "last_resort": "yes"}, settings_pages, "change_channels"),
        ("/settings/end/", {}, settings_pages, "withdraw"),
        ("/settings/end/traffic_fine/", {}, settings_pages, "withdraw"),
    ],
)
def test_when_others_are_in_the_way_the_page_says_so_and_the_same_button_works(
    client, alice, monkeypatch, path, posted, module, deed
):
    monkeypatch.setattr(module, deed, busy)
    page = client.post(path, posted)
    assert page.status_code == 503
    assert "잠시 후 버튼을 다시 눌러 주십시오" in page.content.decode()
    monkeypatch.undo()
    assert client.post(path, posted)["Location"] == "/settings/"


def test_so_it_is_with_more_kinds(client, alice, monkeypatch):
    client.post("/settings/more/", {"health": ["health_checkup"]})
    monkeypatch.setattr(more, "add_data_types", busy)
    assert client.post("/settings/more/consent/", answers("health_checkup")).status_code == 503
    monkeypatch.undo()
    client.post("/settings/more/consent/", answers("health_checkup"))
    assert live() == {"traffic_fine", "health_checkup"}


def test_so_it_is_at_the_end_of_a_sign_up(client, provider, monkeypatch):
    until_check(client)
    monkeypatch.setattr(finish, "sign_up", busy)
    page = client.post("/sign-up/check/")
    assert page.status_code == 503
    assert "홍길동" in page.content.decode()
    monkeypatch.undo()
    assert client.post("/sign-up/check/")["Location"] == "/sign-up/done/"


def test_a_code_that_was_right_is_not_asked_for_again(client, provider, monkeypatch):
    client.post("/sign-up/", DETAILS)
    monkeypatch.setattr(identity_pages, "note_verified_number", busy)
    page = client.post("/sign-up/code/", {"code": CODE}, follow=True)
    assert page.redirect_chain[-1][0] == "/sign-up/code/"
    assert "잠시 후 버튼을 다시 눌러 주십시오" in page.content.decode()
    monkeypatch.undo()
    assert client.post("/sign-up/code/", {"code": CODE})["Location"] == "/sign-up/channels/"
