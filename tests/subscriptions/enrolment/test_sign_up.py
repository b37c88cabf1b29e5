from datetime import date, timedelta
from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.choices import ConsentMissing
from subscriptions.enrolment.consent_texts import NotOffered, live_data_types, service_text, texts_for
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.enrolment.sign_up import TooYoung, sign_up
from subscriptions.events import subscribed
from subscriptions.models import ChannelChoice, Citizen, CitizenKey, Consent, Subscription
from tests.subscriptions import cast
from tests.subscriptions.cast import ALICE, NOW, enrol, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def offered() -> None:
    cast.offer_all()


def live(citizen: Any) -> Any:
    return set(citizen.subscriptions.filter(ended_at=None).values_list("data_type__code", flat=True))


def test_a_person_is_enrolled_with_both_keys_channels_in_order_and_a_consent_for_each_item() -> None:
    citizen = enrol(ALICE, ("toss", "kakaotalk", "sms"), "traffic_fine", "health_checkup")
    assert citizen.name == "홍길동"
    assert set(citizen.keys.values_list("kind", flat=True)) == {"ci", "person"}
    assert list(ChannelChoice.objects.filter(citizen=citizen).values_list("channel", flat=True)) == [
        "toss",
        "kakaotalk",
        "sms",
    ]
    assert set(citizen.consents.values_list("text__code", flat=True)) == {"service", "traffic_fine", "health_checkup"}
    assert live(citizen) == {"traffic_fine", "health_checkup"}
    assert not Subscription.objects.exclude(matched_at=None).exists()


def test_a_second_sign_up_updates_the_same_citizen_and_changes_nothing_that_is_the_same() -> None:
    first = enrol()
    before = set(Subscription.objects.values_list("pk", "consent_id"))
    second = enrol(now=NOW + timedelta(days=1))
    assert (second.pk, receipt_number(second)) == (first.pk, receipt_number(first))
    assert set(Subscription.objects.values_list("pk", "consent_id")) == before
    assert Citizen.objects.count() == 1


def test_what_is_not_chosen_again_ends_with_its_consent() -> None:
    enrol(ALICE, ("sms",), "traffic_fine", "health_checkup")
    citizen = enrol(ALICE, ("sms",), "health_checkup")
    assert live(citizen) == {"health_checkup"}
    assert Consent.objects.get(text__code="traffic_fine").withdrawn_at == NOW


def test_a_senior_whom_an_official_registered_is_the_same_person() -> None:
    senior = cast.register(cast.official())
    form = cast.GRANDMOTHER
    who = person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    citizen = enrol(who, ("sms",), "vaccination", "traffic_fine")
    assert citizen.pk == senior.pk
    assert live(citizen) == {"vaccination", "traffic_fine"}


def test_a_key_held_by_an_officials_entry_moves_to_the_person_who_proved_it() -> None:
    citizen = enrol(person(7))
    senior = cast.register(cast.official())
    form = cast.GRANDMOTHER
    moved = enrol(person(7, name=form.name, birth_date=form.birth_date, phone=form.phone))
    assert moved.pk == citizen.pk
    assert not CitizenKey.objects.filter(citizen=senior).exists()
    assert live(senior) == set()
    assert AuditEvent.objects.filter(action="citizen.merged", citizen_id=senior.pk).exists()


def test_nothing_is_chosen_without_consent_to_it() -> None:
    with pytest.raises(ConsentMissing, match="traffic_fine"):
        sign_up(
            person=ALICE,
            channels=["sms"],
            data_types=["traffic_fine"],
            consents=[service_text()],
            language="ko",
            now=NOW,
        )
    assert not Citizen.objects.exists()


def test_nothing_is_chosen_without_consent_to_the_service() -> None:
    texts = texts_for(live_data_types(["traffic_fine"]))[1:]
    with pytest.raises(ConsentMissing, match="service"):
        sign_up(person=ALICE, channels=["sms"], data_types=["traffic_fine"], consents=texts, language="ko", now=NOW)


def test_a_data_type_that_is_not_offered_is_refused() -> None:
    with pytest.raises(NotOffered):
        enrol(ALICE, ("sms",), "tax")


def test_under_14_nothing_is_written() -> None:
    child = person(9, birth_date=date(2012, 3, 3))  # 13 on 2 March 2026
    with pytest.raises(TooYoung):
        enrol(child)
    assert not Citizen.objects.exists()


def test_names_and_numbers_are_nowhere_in_clear() -> None:
    enrol()
    for event in AuditEvent.objects.all():
        assert "홍길동" not in str(event.__dict__)
        assert "0000001" not in event.object
    stored = bytes(Citizen.objects.values_list("name_encrypted", flat=True).get())
    assert "홍길동".encode() not in stored


def test_the_matcher_is_enqueued_after_commit_with_the_id_only(django_capture_on_commit_callbacks: Any) -> None:
    notified = []
    receiver = lambda **values: notified.append(values["citizen_id"])  # noqa: E731
    subscribed.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            citizen = enrol()
            assert notified == []
    finally:
        subscribed.disconnect(receiver)
    assert notified == [citizen.pk]


def test_a_receiver_that_fails_does_not_fail_the_sign_up(django_capture_on_commit_callbacks: Any) -> None:
    def broken(**values: Any) -> None:
        raise ConnectionError

    subscribed.connect(broken)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            enrol()
    finally:
        subscribed.disconnect(broken)
    assert Citizen.objects.count() == 1
