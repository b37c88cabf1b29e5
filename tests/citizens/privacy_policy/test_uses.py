"""A person sees what their data is used for, and who received it (개인정보 보호법 §20의2, 시행령 §15의3③)."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from notifications.models import YearlyMessage, YearlyRefusal
from payments.models import AgencyPosting, Payment
from secretary.kernel.models import AuditEvent
from subscriptions.models import Citizen, Consent, ConsentText, DataType
from tests.citizens.own_data.rich import make_rich
from tests.notifications.cast import MORNING
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import provider as provider
from tests.subscriptions.web.steps import confirmed

pytestmark = pytest.mark.django_db
PAGE = "/my-data/uses/"


@pytest.fixture
def rich(provider: Any, far: Any, client: Client) -> Citizen:
    return make_rich(provider, far.bank, client)


def text(client: Client, language: str = "ko") -> str:
    page = client.get(PAGE, headers={"accept-language": language})
    assert page.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_each_consent_that_stands_and_each_recipient_is_there(rich: Citizen, client: Client, settings: Any) -> None:
    AgencyPosting.objects.update(attempts=1, happened_at=MORNING)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    shown = text(client)
    standing = list(Consent.objects.filter(citizen=rich, withdrawn_at=None).select_related("text"))
    assert len(standing) > 2
    for consent in standing:
        for part in ("purpose", "items", "retention"):
            assert consent.text.text(part, "ko") in shown, (consent.text.code, part)
    [posting] = AgencyPosting.objects.select_related("payment__bill__record__data_type__agency")[:1]
    assert posting.payment.bill.record.data_type.agency.name_ko in shown
    assert "2026. 3. 10.(화)" in shown and "큰딸" in shown and "010-****-" in shown and "NHN Cloud" in shown
    services = set(Payment.objects.filter(bill__citizen=rich).values_list("provider", flat=True))
    assert services and ("카카오페이" in shown or "네이버페이" in shown or "토스" in shown)
    assert shown.index("국민비서 이용") < shown.index("교통과태료")  # the service's own first
    assert PAGE in client.get("/my-data/").content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "Use of Public Secretary" in text(client)


def test_what_was_withdrawn_and_what_another_received_is_not(client: Client, provider: Any) -> None:
    cast.offer_all()
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine", "health_checkup")
    confirmed(client, "/settings/sign-in/")
    before = text(client)
    [sensitive] = ConsentText.objects.filter(code="health_checkup")
    kind = DataType.objects.get(code="health_checkup").name("ko")
    assert kind in before and sensitive.text("items", "ko") in before
    client.post("/settings/end/health_checkup/", follow=True)
    after = text(client)
    assert kind not in after and DataType.objects.get(code="traffic_fine").name("ko") in after
    assert "기록이 남아 있는 기간에는 개인정보를 받은 곳이 없습니다" in after
    old = Consent.objects.get(citizen=citizen, text__code="traffic_fine")
    newer = ConsentText.objects.get(pk=old.text_id)
    newer.pk, newer.number, newer.items_ko, newer.digest = None, newer.number + 1, "새 문구의 항목", "x" * 64
    newer.save()
    Consent.objects.create(citizen=citizen, text=newer, given_at=MORNING + timedelta(days=1), method="web")
    again = text(client)
    assert "새 문구의 항목" in again and old.text.text("items", "ko") not in again  # the newest that was agreed to
    assert Client().get(PAGE)["Location"] == "/sign-in/"


def test_the_yearly_message_is_there_and_can_be_refused_and_wanted_again(client: Client, provider: Any) -> None:
    cast.offer_all()
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    assert "아직 보내 드린 것이 없습니다" in text(client)
    for year, state in ((2025, "delivered"), (2026, "sent"), (2024, "failed")):
        sent_at = MORNING.replace(year=year)
        YearlyMessage.objects.create(citizen=citizen, year=year, state=state, channel="sms", started_at=sent_at)
    shown = text(client)
    assert "2026. 3. 10.(화)" in shown and "2025. 3. 10.(월)" in shown and "2024. 3. 10" not in shown
    assert "도착했는지는 확인되지 않았습니다" in shown and "도착했습니다" in shown
    answer = client.post(PAGE, {"yearly": "no"})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "보내 드리지 않겠습니다" in text(client) and YearlyRefusal.objects.get().citizen_id == citizen.pk
    client.post(PAGE, {"yearly": "no"})  # pressed twice
    assert "받지 않겠다고 하셔서" in text(client)
    client.post(PAGE, {"yearly": "yes"})
    assert not YearlyRefusal.objects.exists() and "받지 않기" in text(client)
    actions = AuditEvent.objects.filter(action__startswith="yearly_message.", citizen_id=citizen.pk).order_by("pk")
    assert list(actions.values_list("action", "actor")) == [
        ("yearly_message.refused", "citizen"),
        ("yearly_message.wanted", "citizen"),
    ]


def test_after_everything_was_withdrawn_no_choice_without_an_effect_is_offered(client: Client, provider: Any) -> None:
    cast.offer_all()
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    YearlyMessage.objects.create(citizen=citizen, year=2026, state="delivered", channel="sms", started_at=MORNING)
    client.post("/settings/end/traffic_fine/")  # the service's own consent stands: the message is sent all the same
    assert 'value="no"' in client.get(PAGE).content.decode()
    client.post("/settings/end/")
    for refused in (False, True):
        shown, page = text(client), client.get(PAGE).content.decode()
        assert (
            "유효한 국민비서 이용 동의가 없으므로 이 안내를 보내 드리지 않습니다" in shown and "도착했습니다" in shown
        )
        assert 'name="yearly"' not in page and "받지 않겠다고 하셔서" not in shown, refused
        YearlyRefusal.objects.get_or_create(citizen=citizen, refused_at=MORNING)
    for choice in ("yes", "no"):  # from a page that was open before
        client.post(PAGE, {"yearly": choice})
        assert "바뀐 것이 없습니다" in text(client)
    assert YearlyRefusal.objects.count() == 1
    client.cookies["django_language"] = "en"
    assert "No consent of yours to the service stands, so it is not sent to you." in text(client)


def test_without_a_day_nothing_is_promised(client: Client, provider: Any, settings: Any) -> None:
    settings.YEARLY_MESSAGE_DAY = None
    cast.offer_all()
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    assert "해마다" not in text(client)
    YearlyMessage.objects.create(citizen=citizen, year=2026, state="delivered", channel="sms", started_at=MORNING)
    shown, page = text(client), client.get(PAGE).content.decode()  # what was sent is shown all the same
    assert "도착했습니다" in shown and "한 해에 한 번" not in shown and 'name="yearly"' not in page
