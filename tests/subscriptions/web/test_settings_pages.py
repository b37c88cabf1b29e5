import pytest

from subscriptions.models import Citizen, Subscription
from tests.subscriptions import cast
from tests.subscriptions.web.steps import answers, confirmed

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
