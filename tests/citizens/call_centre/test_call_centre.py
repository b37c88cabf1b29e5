"""The call centre helps a caller: from the number that is read out to the trail of what was done."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from citizens.inbox.kinds import kind_of
from citizens.own_data.accesses import accesses_page
from notifications.channels.contract import Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import claim
from notifications.models import ChannelState, Delivery, Notice
from notifications.states import READY
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.enrolment.receipt_numbers import receipt_number, stored
from subscriptions.models import Citizen, Consent, ReceiptNumber, Subscription
from subscriptions.own_data.erase import close_people
from tests.citizens.inbox.cast import arrive, hand_over
from tests.notifications.cast import MORNING, enrol, make_data_type, phone_of, record
from tests.payments.cast import alice_owes, confirm
from tests.payments.cast import begin as begin_payment
from tests.payments.conftest import Far
from tests.payments.conftest import far as far
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
SCREEN = "/admin/call-centre/"
CALLER = f"{SCREEN}caller/"
RIGHT_ANSWERS = {"birth_date": "19600102", "digits": phone_of(1)[-4:]}


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    kind_of.cache_clear()


@pytest.fixture
def screen() -> Client:
    return staff_client("telephone", roles.CALL_CENTRE)


@pytest.fixture
def notice() -> Notice:
    enrol(1, make_data_type(), channels=["kakaotalk", "sms"])
    return arrive(record(1))[0]


def look_up(screen: Client, number: str, phone: str = "", why: str = "genuine") -> str:
    """The page to which the number leads; where to a person, that is on record with its reason."""
    text: str = fill_in(screen, SCREEN, number=number, phone=phone, why=why).content.decode()
    return text


def begin(screen: Client, notice: Notice) -> str:
    """The caller's page, by the number of their sign-up: also of a notice that has not gone out yet."""
    return look_up(screen, receipt_number(notice.citizen), phone_of(1).replace("+82", "0"), "stop")


def seen_by(citizen: Citizen) -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(citizen_id=citizen.pk, actor__startswith="staff:").order_by("id")
    return list(events.values_list("action", "reason"))


def test_a_check_code_in_any_writing_leads_to_what_came_of_it(screen: Client, notice: Notice) -> None:
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"))
    page = look_up(screen, f" {check_code(notice.pk).lower().replace('-', ' ')} ")
    assert "홍*동" in page and "홍길동" not in page
    assert "불러 준 확인코드는 이 알림의 것입니다" in page
    assert "카카오톡: 도착하지 못했습니다(" in page
    number, born = phone_of(1).removeprefix("+82"), notice.citizen.birth_date
    assert not [each for each in (number, f"-{number[-4:]}", f"{born.year}-", f"{born.year}. ") if each in page]
    assert "신호위반" not in page  # no content
    why = "받은 메시지가 진짜인지 문의"
    assert seen_by(notice.citizen) == [("call.looked_up", why), ("call.looked_at", why)]


def test_the_number_of_a_paper_form_is_found_with_the_mobile_number_alone(screen: Client, notice: Notice) -> None:
    Consent.objects.update(method=Consent.PAPER, paper_form="가-2026/12", recorded_by=cast.official())
    assert "그런 번호가 없습니다" in look_up(screen, "가 2026 12")
    assert "그런 번호가 없습니다" in look_up(screen, "가 2026 12", phone_of(2))
    assert not seen_by(notice.citizen)
    assert "홍*동" in look_up(screen, "가 2026 12", phone_of(1).replace("+82", "0"))


def test_a_receipt_number_alone_finds_its_person_and_shows_none_of_their_notices(
    screen: Client, notice: Notice
) -> None:
    number = receipt_number(notice.citizen)
    assert "그런 번호가 없습니다" in look_up(screen, number)  # enrolled before numbers were noted
    assert "홍*동" in look_up(screen, number, phone_of(1))
    for _twice in range(2):
        call_command("note_receipt_numbers", batch=1, stdout=StringIO())
    page = look_up(screen, f" {number.lower().replace('-', ' ')} ")
    assert "홍*동" in page and f'id="notice-{notice.pk}"' not in page
    page = fill_in(screen, f"{CALLER}who/", **RIGHT_ANSWERS).content.decode()
    assert f'id="notice-{notice.pk}"' in page
    assert seen_by(notice.citizen)[-3][0] == "call.looked_at"


def test_a_receipt_number_of_two_people_needs_the_mobile_number(screen: Client, notice: Notice) -> None:
    enrol(2)
    number = receipt_number(notice.citizen)
    other = Citizen.objects.exclude(pk=notice.citizen_id).get()
    for citizen in (notice.citizen, other):
        ReceiptNumber.objects.create(citizen=citizen, number=stored(number))
    assert "이 접수번호를 가진 사람이 여러 명입니다" in look_up(screen, number)
    assert not seen_by(notice.citizen) and not seen_by(other)
    look_up(screen, number, phone_of(2))
    assert seen_by(other) and not seen_by(notice.citizen)


def test_the_number_of_a_slip_stays_when_its_person_signs_up_and_the_offices_row_is_erased(screen: Client) -> None:
    cast.offer_all()
    slip = receipt_number(cast.register(cast.official()))
    form = cast.GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    citizen = cast.enrol(who, ("sms",), "traffic_fine")
    former = list(Citizen.objects.exclude(pk=citizen.pk).values_list("pk", flat=True))
    close_people(people=former, now=MORNING)
    for number in {slip, receipt_number(citizen)}:
        assert "최**신" in look_up(screen, number), number


def test_the_receipt_of_a_payment_leads_to_its_payer(screen: Client, far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = confirm(alice, begin_payment(alice, bill), far.bank)
    page = look_up(screen, payment.settlement.receipt_number.replace("-", " "), why="outcome")
    assert "홍*동" in page and "본인 확인" in page and "32,000" not in page


def test_other_notices_show_once_it_is_known_who_calls(screen: Client, notice: Notice) -> None:
    hand_over((Verdict.ACCEPTED, ""))
    other = arrive(record(1))[0]
    look_up(screen, check_code(notice.pk))
    assert f'id="notice-{other.pk}"' not in screen.get(CALLER).content.decode()
    assert screen.get(f"{CALLER}{other.pk}/another-way/").status_code == 404
    fill_in(screen, f"{CALLER}who/", **RIGHT_ANSWERS | {"digits": "9999"})
    assert f'id="notice-{other.pk}"' not in screen.get(CALLER).content.decode()
    page = fill_in(screen, f"{CALLER}who/", **RIGHT_ANSWERS).content.decode()
    assert f'id="notice-{other.pk}"' in page and f'id="notice-{notice.pk}"' in page


def test_what_reached_no_person_is_tried_again_with_a_reason(screen: Client, notice: Notice) -> None:
    for _channel in ("kakaotalk", "sms"):
        hand_over((Verdict.UNDELIVERABLE, "x"))
    claim(now=MORNING)
    assert Notice.objects.get().reason == "all_channels_failed"
    begin(screen, notice)
    fill_in(screen, f"{CALLER}{notice.pk}/again/", reason="전화기를 새로 켰다고 함")
    assert ("notices.tried_again", "전화기를 새로 켰다고 함") in seen_by(notice.citizen)
    assert Subscription.objects.get().matched_at is None  # another match makes what still applies


def test_a_false_code_is_called_false_and_is_on_record(screen: Client, notice: Notice) -> None:
    page = look_up(screen, check_code(notice.pk + 1))
    assert "국민비서 알림의 확인코드가 아닙니다" in page and "118" in page
    assert AuditEvent.objects.get(action="call.looked_up").object == "nothing: nothing"
    assert screen.get(CALLER)["Location"] == SCREEN


def test_a_notice_that_waits_for_a_channel_goes_by_another_one(screen: Client, notice: Notice) -> None:
    ChannelState.objects.create(channel="kakaotalk", paused_until=datetime(2099, 1, 1, tzinfo=UTC))
    claim(now=MORNING)
    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (READY, "channel_paused")
    begin(screen, notice)
    fill_in(screen, f"{CALLER}{notice.pk}/another-way/", channel="sms", reason="카카오톡 장애로 문자 요청")
    claim(now=MORNING + timedelta(minutes=1))
    assert Delivery.objects.get().channel == "sms"
    assert seen_by(notice.citizen)[2] == ("notice.sent_another_way", "카카오톡 장애로 문자 요청")


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.ACCEPTED, Verdict.DELIVERED])
def test_what_may_have_arrived_is_not_sent_twice(screen: Client, notice: Notice, verdict: Verdict) -> None:
    hand_over((verdict, ""))
    Notice.objects.exclude(state="delivered").update(state="unknown")
    Notice.objects.exclude(state="delivered").update(state="review", reason="gateway_silent")
    assert "다른 채널로 보내기" not in begin(screen, notice)
    forged = {"channel": "sms", "reason": "문자로 요청하심", "csrfmiddlewaretoken": screen.cookies["csrf"].value}
    screen.post(f"{CALLER}{notice.pk}/another-way/", forged)
    assert Notice.objects.get().state in ("review", "delivered") and Delivery.objects.count() == 1


def test_a_kind_is_withdrawn_after_the_question(screen: Client, notice: Notice) -> None:
    begin(screen, notice)
    wrong = fill_in(screen, f"{CALLER}withdraw/", what="traffic_fine", **RIGHT_ANSWERS | {"digits": "9999"})
    assert "아무것도 바꾸지 않았습니다" in wrong.content.decode()
    assert Subscription.objects.filter(ended_at=None).exists()
    done = fill_in(screen, f"{CALLER}withdraw/", what="traffic_fine", **RIGHT_ANSWERS).content.decode()
    assert receipt_number(notice.citizen) in done
    assert not Subscription.objects.filter(ended_at=None).exists()
    trail = [action for action, _reason in seen_by(notice.citizen)]
    assert trail[2:5] == ["call.identity_wrong", "call.identity_right", "consent.withdrawn"]
    shown, _more = accesses_page(notice.citizen_id, before=None, size=20)
    assert [line.action for line in reversed(shown)] == trail
    assert all(line.words != line.action for line in shown)


def test_the_question_is_asked_five_times_a_day(screen: Client, notice: Notice) -> None:
    begin(screen, notice)
    for _try in range(5):
        fill_in(screen, f"{CALLER}withdraw/", what="all", **RIGHT_ANSWERS | {"birth_date": "19600103"})
    assert fill_in(screen, f"{CALLER}withdraw/", what="all", **RIGHT_ANSWERS).status_code == 429
    assert Subscription.objects.filter(ended_at=None).exists()


def test_another_persons_notice_is_none_of_this_call(screen: Client, notice: Notice) -> None:
    enrol(2)
    other = Notice.objects.get()
    Notice.objects.filter(pk=other.pk).update(citizen=Citizen.objects.exclude(pk=notice.citizen_id).get())
    begin(screen, notice)
    assert screen.get(CALLER).status_code == 200
    assert screen.get(f"{CALLER}{other.pk}/another-way/").status_code == 404
    assert screen.get(f"{CALLER}{other.pk}/again/").status_code == 404
