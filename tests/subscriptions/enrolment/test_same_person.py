"""Test R5: an entry with a typing mistake and the corrected paper form become one person if an official confirms it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import person_index
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import Citizen, Subscription
from subscriptions.registration.register_senior import register_senior
from subscriptions.registration.registration_warnings import Warned
from subscriptions.registration.registrations import own_citizen, reveal
from subscriptions.registration.scope import registered_by_office
from tests.subscriptions import cast
from tests.subscriptions.cast import GRANDMOTHER, NOW, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def official() -> Any:
    cast.offer_all()
    return cast.official()


def warned(by: Any, form: Any, seen: Any = ()) -> Any:
    with pytest.raises(Warned) as refused:
        record_form(by, form, seen=seen)
    return refused.value


def grandmother_on_the_web(**changes: Any) -> Any:
    """She has signed up by herself."""
    values = {"name": GRANDMOTHER.name, "birth_date": GRANDMOTHER.birth_date, "phone": GRANDMOTHER.phone} | changes
    return cast.person(5, **values)


def trail(action: Any) -> Any:
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "citizen_id", "reason"))


WRONG, RIGHT = "+821000000055", "+821000000056"
SLIP = replace(GRANDMOTHER, phone=WRONG)
CORRECTED = replace(GRANDMOTHER, number="A-2", phone=RIGHT)


def record_form(by: Any, form: Any, *, seen: Any = (), same: Any = ()) -> Any:
    texts = texts_for(live_data_types(["vaccination"]))
    return register_senior(official=by, form=form, consents=texts, now=NOW, seen=seen, same=same)


def known_by(form: Any) -> Any:
    return Citizen.objects.filter(keys__key_hash=form.key).first()


def test_the_same_person_with_a_new_number_stays_one_person_and_is_known_by_it_alone(official: Any) -> None:
    entry = register(official, SLIP)
    assert warned(official, CORRECTED).kind == "alike"
    assert record_form(official, CORRECTED, same=[entry.pk]) == entry
    assert Citizen.objects.get().contacts.get().value == RIGHT
    assert (known_by(SLIP), known_by(CORRECTED)) == (None, entry)
    assert Subscription.objects.get(ended_at=None).matched_at is None  # open records are matched by the new key
    assert [line[:2] for line in trail("registration.corrected")] == [(f"official:{official.id}", entry.pk)]


def test_another_person_of_the_same_name_and_birth_date_is_an_entry_of_their_own_and_on_the_trail(
    official: Any,
) -> None:
    entry = register(official, SLIP)
    other = record_form(official, CORRECTED, seen=[entry.pk])
    assert other != entry
    assert entry.contacts.get().value == WRONG
    assert [line[:2] for line in trail("registration.kept_apart")] == [(f"official:{official.id}", entry.pk)]


@pytest.mark.parametrize(
    ("second", "by"),
    [
        (replace(GRANDMOTHER, number="A-2", name="최어르산"), "number"),
        (replace(GRANDMOTHER, name="박어르신", birth_date=date(1940, 1, 1), phone=RIGHT), "form"),
        (replace(GRANDMOTHER, number="A-2", phone=RIGHT), "person"),
    ],
)
def test_a_number_or_a_form_that_is_in_the_list_already_is_not_taken_without_a_word(
    official: Any, second: Any, by: Any
) -> None:
    register(official)
    assert warned(official, second).by == by


def test_another_office_is_shown_no_likeness(official: Any) -> None:
    register(official, SLIP)
    assert record_form(cast.official("other", office="9911052000"), CORRECTED)


def test_who_has_signed_up_themselves_keeps_the_number_that_they_proved(official: Any) -> None:
    entry = register(official)
    cast.enrol(grandmother_on_the_web(), ("sms",), "vaccination")
    record_form(official, CORRECTED, same=[entry.pk])
    assert Citizen.objects.get().contacts.get().value == GRANDMOTHER.phone
    assert {consent.paper_form for consent in entry.consents.filter(method="paper")} == {"A-1", "A-2"}


def test_a_corrected_entry_and_the_row_of_the_same_person_from_the_web_become_one(official: Any) -> None:
    entry = register(official, SLIP)
    own = cast.enrol(grandmother_on_the_web(phone=RIGHT), ("kakaotalk",), "traffic_fine")
    assert warned(official, CORRECTED).about == own.pk
    assert warned(official, CORRECTED, seen=[own.pk]).about == entry.pk
    assert record_form(official, CORRECTED, seen=[own.pk], same=[entry.pk]) == own
    live = Subscription.objects.filter(ended_at=None)
    assert set(live.values_list("citizen", "data_type__code")) == {(own.pk, "traffic_fine"), (own.pk, "vaccination")}
    assert known_by(SLIP) is None
    shown = own_citizen(official=official, citizen_id=own.pk, now=NOW)
    assert reveal(citizen=shown, official=official, reason="본인 문의", now=NOW).phone == "010-0000-0056"


def test_who_signs_up_after_the_correction_finds_their_own_row(official: Any) -> None:
    entry = register(official, SLIP)
    record_form(official, CORRECTED, same=[entry.pk])
    assert cast.enrol(grandmother_on_the_web(phone=RIGHT), ("sms",), "vaccination") == entry


NAMES, BIRTHS, PHONES = (
    ("최어르신", "박어르신"),
    (date(1948, 5, 9), date(1940, 1, 1)),
    (WRONG, RIGHT, GRANDMOTHER.phone),
)
ATTEMPT = st.tuples(st.sampled_from(NAMES), st.sampled_from(BIRTHS), st.sampled_from(PHONES), st.integers(1, 3))


ATTEMPTS = st.lists(ATTEMPT, min_size=2, max_size=8)
ONE_OFFICIAL = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(ATTEMPTS)
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=ONE_OFFICIAL)
def test_after_any_registrations_of_one_office_a_person_is_there_once_unless_declared_another(
    official: Any, attempts: Any
) -> None:
    """A few fixed cases; many random ones follow below."""
    register_all(official, attempts)


@pytest.mark.slow
@given(ATTEMPTS)
@hypothesis_settings(max_examples=200, deadline=None, derandomize=False, suppress_health_check=ONE_OFFICIAL)
def test_after_any_of_two_hundred_courses_of_registrations_a_person_is_there_once(official: Any, attempts: Any) -> None:
    register_all(official, attempts)


def register_all(official: Any, attempts: Any) -> None:
    with transaction.atomic():
        for name, born, phone, number in attempts:
            form = replace(GRANDMOTHER, number=f"A-{number}", name=name, birth_date=born, phone=phone)
            answer_every_warning(official, form)
        entries = registered_by_office(official.office)
        people = [(entry.name, entry.birth_date) for entry in entries]
        assert len(people) == len(set(people)), attempts
        for entry in entries:
            contact = entry.contacts.get().value
            keys = list(entry.keys.values_list("key_hash", flat=True))
            assert [bytes(key) for key in keys] == [person_index(entry.name, entry.birth_date, contact)]
        transaction.set_rollback(True)


def answer_every_warning(by: Any, form: Any) -> Any:
    """The same person where name and birth date are the same, else another person."""
    seen, same = set(), set()  # type: ignore[var-annotated]
    for _ in range(10):
        try:
            return record_form(by, form, seen=seen, same=same)
        except Warned as warning:
            (same if getattr(warning, "by", "") == "person" else seen).add(warning.about)
    raise AssertionError("warned again and again")
