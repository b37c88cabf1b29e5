"""A family member, named on paper: asked, agrees by a code, hears once that there is something to ask, and stops."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from citizens.own_data.erase_person import request_erasure
from citizens.tasks import inform_families
from notifications.channels.contract import Receipt, Verdict
from notifications.models import ReceiptEvent
from notifications.receipts.receipts import take_receipts
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_office_call_consent
from subscriptions.enrolment.choices import set_contact
from subscriptions.enrolment.merge import merge_into
from subscriptions.enrolment.withdraw import withdraw, withdraw_family, withdraw_office_calls
from subscriptions.models import Citizen, Contact, FamilyMember, FamilyText, Official
from subscriptions.registration.registrations import end_registration, own_citizen
from tests.citizens.office_calls.family_cast import (
    DAUGHTER,
    PHONE,
    TWO_DAYS,
    Gateway,
    agreed,
    another,
    asked,
    code_in,
    form,
    missed,
    press,
    register,
)
from tests.notifications.cast import MORNING
from tests.subscriptions.web.officials.test_official_pages import PASSWORD

pytestmark = pytest.mark.django_db
NO_ASKING = "이 번호로는 여쭐 수 없습니다"


def test_from_the_paper_form_to_one_text_with_nothing_of_what_and_to_nothing_more(
    client: Client, registering: Official, gateway: Gateway, clock: Any
) -> None:
    citizen, code = asked(client, gateway)
    question = gateway.sent[0]
    assert question.address == PHONE and "최**신님" in question.text and "최어르신" not in question.text
    missed(citizen)
    clock(TWO_DAYS)
    inform_families()
    assert len(gateway.sent) == 1  # nothing but the question before they agree
    assert "동의하셨습니다" in press("agree", code)
    clock(TWO_DAYS + timedelta(minutes=20))
    for _ in range(3):
        inform_families()
    [_, news] = gateway.sent
    assert news.address == PHONE and "물어보실 일이 있습니다" in news.text and "가상동" in news.text
    for hidden in ("예방접종", "최어르신", "http", "질병", "010-", "신호위반"):
        assert hidden not in news.text, hidden
    client.post("/officials/login/", PASSWORD)
    assert "보냄" in client.get("/officials/calls/").content.decode()
    assert "보냄" in client.get(f"/officials/calls/{citizen.pk}/").content.decode()
    assert "이 번호로 더는 보내지 않습니다" in press("decline", code_in(news.text))
    missed(citizen, number=2, now=TWO_DAYS)
    clock(TWO_DAYS + timedelta(days=5))
    inform_families()
    assert len(gateway.sent) == 2
    trail = AuditEvent.objects.filter(citizen_id=citizen.pk, action__startswith="family.").order_by("id")
    assert list(trail.values_list("actor", "action")) == [
        (f"official:{registering.pk}", "family.named"),
        ("system", "family.question_sent"),
        ("family", "family.agreed"),
        ("system", "family.news_sent"),
        ("family", "family.ended"),
    ]


def test_who_declines_is_asked_again_by_no_senior(client: Client, registering: Official, gateway: Gateway) -> None:
    first, code = asked(client, gateway)
    second, _other = asked(client, gateway, **another(1))
    assert "다시 여쭙지 않습니다" in press("decline", code)
    states = FamilyMember.objects.order_by("id").values_list("citizen", "state")
    assert list(states) == [(first.pk, "declined"), (second.pk, "declined")]
    assert NO_ASKING in client.post("/officials/", form(**another(2)), follow=True).content.decode()
    assert "동의하셨습니다" not in press("agree", code)
    assert not FamilyMember.objects.filter(state="agreed").exists()


def test_what_a_paper_form_may_not_say(client: Client, registering: Official, settings: Any, gateway: Gateway) -> None:
    settings.FAMILY_SENIORS_PER_NUMBER = 2
    for number in (1, 2):
        register(client, **another(number))
    call = f"consent_{ensure_office_call_consent().pk}"
    wrong = {
        "본인의 번호입니다": {"family_phone": "010-0000-0005"},
        "전화에 동의하신 분만": {call: "no"},
        "신청서에서 동의하신 경우에만": {"family_consent": "no"},
        "호칭과 휴대전화번호를 모두": {"family_name": ""},
        "가족을 적어 주시거나": {"family_name": "", "family_phone": ""},
        NO_ASKING: {"family_phone": DAUGHTER},  # two seniors have named it, which are all that may
    }
    missing = [
        words
        for words, changes in wrong.items()
        if words
        not in client.post(
            "/officials/", form(**{"family_phone": "010-0000-0078", **changes}), follow=True
        ).content.decode()
    ]
    assert missing == [] and Citizen.objects.count() == 2


def test_codes_are_guessed_a_few_times_only(
    client: Client, registering: Official, settings: Any, gateway: Gateway
) -> None:
    _citizen, code = asked(client, gateway)
    for limit in ("family_code_address", "family_code_overall"):
        cache.clear()
        settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"family_code_address": (99, 600), limit: (3, 600)}
        guesses = [Client().post("/family/", {"code": "AAA-AAA-AAA"}, follow=True) for _ in range(3)]
        assert {guess.status_code for guess in guesses} <= {200, 429}
        answer = Client().post("/family/", {"code": code}, follow=True)
        assert answer.status_code == 429 and "최**신" not in answer.content.decode(), limit
    assert Client().post("/family/", {"member": "forged", "answer": "agree"}, follow=True).status_code in (200, 429)
    assert FamilyMember.objects.get().state == "asked"


def test_family_codes_per_site(client: Client, registering: Official, settings: Any, gateway: Gateway) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"family_code_site": (2, 600)}
    addresses = [f"2001:db8:1:{number}::1" for number in range(3)]
    answers = [Client().post("/family/", {"code": "AAA-AAA-AAA"}, follow=True, REMOTE_ADDR=each) for each in addresses]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_no_answer_in_time_ends_it(
    client: Client, registering: Official, settings: Any, gateway: Gateway, clock: Any
) -> None:
    settings.FAMILY_ANSWER_DAYS = 3
    citizen, code = asked(client, gateway)
    missed(citizen)
    clock(MORNING + timedelta(days=3))
    page = press("agree", code)
    assert "기간이 지났습니다" in page and "아무것도 기록하지 않았습니다" in page
    inform_families()
    assert FamilyMember.objects.get().state == "expired" and len(gateway.sent) == 1


@pytest.mark.parametrize(
    ("verdict", "first", "then"),
    [(Verdict.UNKNOWN, "unknown", 1), (Verdict.RETRY_LATER, "waiting", 2), (Verdict.UNDELIVERABLE, "failed", 1)],
)
def test_only_what_was_certainly_not_sent_is_sent_again(
    client: Client, registering: Official, gateway: Gateway, clock: Any, verdict: Verdict, first: str, then: int
) -> None:
    gateway.verdict = verdict
    asked(client, gateway)
    assert FamilyText.objects.get().state == first
    clock(MORNING + timedelta(minutes=11))
    inform_families()
    assert len(gateway.sent) == then
    assert len({message.reference for message in gateway.sent}) == then


def test_a_lost_worker_sends_nothing_twice(
    client: Client, registering: Official, gateway: Gateway, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    register(client)
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(gateway, "send", lost)
        inform_families()
    assert FamilyText.objects.get().state == "sending"
    clock(MORNING + timedelta(minutes=11))
    inform_families()
    assert FamilyText.objects.get().state == "unknown" and gateway.sent == []


def test_by_day_only_and_no_more_than_the_settings_allow(
    client: Client, registering: Official, settings: Any, gateway: Gateway, clock: Any
) -> None:
    settings.FAMILY_TEXTS_PER_DAY, settings.FAMILY_TEXTS_PER_MONTH = 1, 2
    mother, _code = agreed(client, gateway)
    father, _code = agreed(client, gateway, **another(1))
    missed(mother)
    missed(father, number=2, phone="+821000000101")
    clock(MORNING + timedelta(days=2, hours=12))  # late in the evening
    inform_families()
    assert len(gateway.sent) == 2
    clock(MORNING + timedelta(days=3))
    inform_families()
    assert len(gateway.sent) == 3  # one a day, though both were missed
    clock(MORNING + timedelta(days=4, minutes=10))
    inform_families()
    assert len(gateway.sent) == 4
    missed(mother, number=3, now=MORNING + timedelta(days=4))
    clock(MORNING + timedelta(days=7))
    inform_families()
    assert len(gateway.sent) == 4  # two in thirty days
    clock(MORNING + timedelta(days=33, minutes=10))
    inform_families()
    assert len(gateway.sent) == 5  # the oldest of them was thirty days ago


def test_where_notices_go_out_at_any_hour_these_do_too(
    client: Client, registering: Official, settings: Any, gateway: Gateway, clock: Any
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # as ./run has it: the end 00:00 is the end of the day
    register(client)
    clock(MORNING + timedelta(hours=12))
    inform_families()
    assert len(gateway.sent) == 1


def _merged(citizen: Citizen) -> None:
    """The row of this person is merged into another one, whose own number is the family member's."""
    row = Citizen(registered_by="office")
    row.name, row.birth_date = citizen.name, citizen.birth_date
    row.save()
    set_contact(row, Contact.PHONE, PHONE, verified_at=None, is_new=True)
    merge_into(row, citizen, actor="system", now=MORNING)


def _ended(citizen: Citizen) -> None:
    official = Official.objects.get()
    own = own_citizen(official=official, citizen_id=citizen.pk, now=MORNING)
    end_registration(citizen=own, official=official, reason="철회하심", now=MORNING)


ENDS: dict[str, Any] = {
    "everything": lambda each: withdraw(citizen=each, data_types=None, actor="citizen", now=MORNING),
    "calls": lambda each: withdraw_office_calls(citizen=each, actor="citizen", now=MORNING),
    "family": lambda each: withdraw_family(citizen=each, actor="citizen", now=MORNING),
    "registration": _ended,
    "own number": lambda each: set_contact(each, Contact.PHONE, PHONE, verified_at=None),
    "erasure": lambda each: request_erasure(citizen_id=each.pk, actor="citizen", why="asked", now=MORNING),
    "merged into a row with that number": _merged,
}


@pytest.mark.parametrize("how", ENDS)
def test_nothing_is_sent_after_the_end(
    client: Client, registering: Official, gateway: Gateway, clock: Any, how: str
) -> None:
    citizen, _code = agreed(client, gateway)
    missed(citizen)
    ENDS[how](citizen)
    clock(TWO_DAYS)
    inform_families()
    assert len(gateway.sent) == 1
    live = FamilyMember.objects.filter(state__in=("asked", "agreed"))
    assert not live.exists() or how in ("own number", "merged into a row with that number")
    assert not FamilyMember.objects.exists() or how != "erasure"


@pytest.mark.parametrize(
    ("known", "state", "sent"),
    [
        (Verdict.DELIVERED, "delivered", 1),
        (Verdict.UNDELIVERABLE, "failed", 1),
        (Verdict.UNKNOWN, "unknown", 1),
        (Verdict.RETRY_LATER, "accepted", 2),  # the gateway never got it
    ],
)
def test_what_is_unknown_is_polled_for(
    client: Client, registering: Official, gateway: Gateway, clock: Any, known: Verdict, state: str, sent: int
) -> None:
    gateway.verdict, gateway.known = Verdict.UNKNOWN, known
    asked(client, gateway)
    gateway.verdict = Verdict.ACCEPTED
    for minutes in (5, 11, 22):
        clock(MORNING + timedelta(minutes=minutes))
        inform_families()
    assert (FamilyText.objects.get().state, len(gateway.sent)) == (state, sent)
    assert {each.batch_key for each in gateway.polled} == {gateway.sent[0].reference}
    clock(MORNING + timedelta(days=5))
    before = len(gateway.polled)
    inform_families()
    assert len(gateway.polled) == before  # given up


def test_receipts_of_the_carrier_end_it(client: Client, registering: Official, gateway: Gateway) -> None:
    asked(client, gateway)
    reference = gateway.sent[0].reference

    def report(verdict: Verdict, of: str = reference, by: str = "twilio", vendor_id: str = "") -> str:
        receipt = Receipt(f"{of}{verdict}{by}", of, vendor_id, verdict, "0")
        take_receipts(gateway=by, receipts=[receipt], now=MORNING)
        return str(FamilyText.objects.get().state)

    assert report(Verdict.DELIVERED, by="toss") == "accepted"  # of another channel
    assert report(Verdict.DELIVERED, of=f"{reference[:-1]}9") == "accepted"  # of no attempt
    assert report(Verdict.RETRY_LATER) == "accepted"  # a receipt sends nothing again
    FamilyText.objects.update(vendor_id="SM1")
    assert report(Verdict.DELIVERED, vendor_id="SM2") == "accepted"
    assert report(Verdict.DELIVERED, vendor_id="SM1") == "delivered"
    assert report(Verdict.UNDELIVERABLE, vendor_id="SM1") == "delivered"
    assert not ReceiptEvent.objects.filter(delivery_id__isnull=False).exists()
