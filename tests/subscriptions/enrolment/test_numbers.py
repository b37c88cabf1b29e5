"""Test that a new owner of a number ends earlier ownership: nothing more is sent there for the earlier owners."""

from datetime import timedelta
from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.models import CitizenKey, Contact
from subscriptions.registration.register_senior import NumberOfAnother  # type: ignore[attr-defined]
from tests.subscriptions import cast
from tests.subscriptions.cast import ALICE, GRANDMOTHER, NOW, person

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=400)
BOB = person(2, name="이샘플", phone=ALICE.phone)  # Alice's number is his now


@pytest.fixture(autouse=True)
def offered() -> None:
    cast.offer_all()


def suspended(citizen: Any) -> Any:
    return Contact.objects.get(citizen=citizen, kind=Contact.PHONE).suspended_at


def test_who_signs_up_with_a_number_takes_it_from_the_person_who_had_proved_it_before() -> None:
    alice = cast.enrol(ALICE)
    bob = cast.enrol(BOB, now=LATER)
    assert (suspended(alice), suspended(bob)) == (LATER, None)


def test_the_old_owner_keeps_what_agencies_know_them_by() -> None:
    alice = cast.enrol(ALICE)
    cast.enrol(BOB, now=LATER)
    assert CitizenKey.objects.filter(citizen=alice).count() == 2


def test_the_trail_says_whose_contact_was_suspended_and_neither_the_number_nor_for_whom() -> None:
    alice = cast.enrol(ALICE)
    bob = cast.enrol(BOB, now=LATER)
    event = AuditEvent.objects.get(action="contact.suspended")
    assert (event.citizen_id, event.object, event.at) == (alice.pk, "phone", LATER)
    assert "0000001" not in event.reason and str(bob.pk) not in event.reason


def test_proving_a_number_is_enough_whether_one_signs_up_or_not() -> None:
    alice = cast.enrol(ALICE)
    note_verified_number(person=BOB, now=LATER)
    assert suspended(alice) == LATER


def test_a_number_from_paper_gives_way_to_who_proves_it() -> None:
    senior = cast.register(cast.official())
    note_verified_number(person=person(2, phone=GRANDMOTHER.phone), now=LATER)
    assert suspended(senior) == LATER


def test_a_number_from_paper_takes_nothing_and_the_official_is_warned() -> None:
    form = cast.PaperForm("A-7", "김어르신", GRANDMOTHER.birth_date, ALICE.phone)
    alice, by = cast.enrol(ALICE), cast.official()
    with pytest.raises(NumberOfAnother) as warning:
        cast.register(by, form)
    assert warning.value.about == alice.pk
    senior = cast.register(by, form, confirmed=True)
    assert (suspended(alice), suspended(senior)) == (None, None)


def test_who_has_proved_it_already_does_not_end_what_an_official_has_recorded_since() -> None:
    alice = cast.enrol(ALICE)
    senior = cast.register(
        cast.official(), cast.PaperForm("A-7", "김어르신", GRANDMOTHER.birth_date, ALICE.phone), confirmed=True
    )
    note_verified_number(person=ALICE, now=LATER)
    assert (suspended(alice), suspended(senior)) == (None, None)


def test_the_old_owner_who_comes_in_with_a_new_number_is_reached_there() -> None:
    alice = cast.enrol(ALICE)
    note_verified_number(person=BOB, now=LATER)
    anew = person(1, phone="+821000000077")
    assert note_verified_number(person=anew, now=LATER + timedelta(days=1)) is True
    contact = Contact.objects.get(citizen=alice, kind=Contact.PHONE)
    assert (contact.value, contact.suspended_at) == ("+821000000077", None)
    assert AuditEvent.objects.filter(action="contact.replaced", citizen_id=alice.pk).exists()


def test_who_loses_a_number_and_proves_it_again_has_it_back() -> None:
    alice = cast.enrol(ALICE)
    bob = cast.enrol(BOB, now=LATER)
    note_verified_number(person=ALICE, now=LATER + timedelta(days=1))
    assert suspended(alice) is None
    assert suspended(bob) == LATER + timedelta(days=1)


def test_a_number_that_is_still_theirs_is_not_replaced_by_the_one_they_come_in_with() -> None:
    alice = cast.enrol(ALICE)
    assert note_verified_number(person=person(1, phone="+821000000077"), now=LATER) is False
    assert Contact.objects.get(citizen=alice, kind=Contact.PHONE).value == ALICE.phone


def test_of_two_proofs_the_newer_counts_and_not_the_sign_up_that_was_finished_later() -> None:
    from subscriptions.enrolment.consent_texts import live_data_types, texts_for
    from subscriptions.enrolment.sign_up import sign_up

    bob = cast.enrol(BOB, now=LATER)
    alice = sign_up(
        person=ALICE,
        channels=["sms"],
        data_types=["traffic_fine"],
        consents=texts_for(live_data_types(["traffic_fine"])),
        language="ko",
        now=LATER + timedelta(minutes=5),
        verified_at=LATER - timedelta(minutes=5),
    )
    assert suspended(bob) is None
    assert suspended(alice) is not None
