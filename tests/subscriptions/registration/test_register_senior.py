from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.birth_dates import LunarDay
from subscriptions.enrolment.choices import ConsentMissing
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, Consent, Subscription
from subscriptions.registration.register_senior import register_senior
from subscriptions.registration.registration_warnings import AlreadyRegistered, TooYoungForOffice, Warned
from subscriptions.registration.registrations import end_registration, masked, own_citizen, reveal
from subscriptions.registration.scope import registered_by_office
from tests.subscriptions import cast
from tests.subscriptions.cast import GRANDMOTHER, NOW, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def official() -> Any:
    cast.offer_all()
    return cast.official()


def test_consent_is_recorded_as_paper_with_who_took_it_and_the_number_of_the_form(official: Any) -> None:
    citizen = register(official)
    for consent in Consent.objects.filter(citizen=citizen):
        assert (consent.method, consent.recorded_by, consent.paper_form) == ("paper", official, "A-1")
    assert set(citizen.consents.values_list("text__code", flat=True)) == {"service", "vaccination"}
    assert citizen.registered_by == "office"
    assert list(citizen.channels.values_list("channel", flat=True)) == ["sms"]


@pytest.mark.parametrize("born", [date(1951, 12, 31), date(1951, 3, 3), LunarDay(1951, 2, 30)])
def test_seniors_are_counted_by_the_year_of_birth_not_by_the_birthday(official: Any, born: Any) -> None:
    assert register(official, replace(GRANDMOTHER, birth_date=born)).birth_date == born


@pytest.mark.parametrize("born", [date(1952, 1, 1), LunarDay(1953, 2, 29)])
def test_who_turns_75_next_year_or_later_is_refused(official: Any, born: Any) -> None:
    with pytest.raises(TooYoungForOffice):
        register(official, replace(GRANDMOTHER, birth_date=born))


def test_without_consent_no_senior_is_registered(official: Any) -> None:
    with pytest.raises(ConsentMissing):
        register_senior(official=official, form=GRANDMOTHER, consents=[], now=NOW)
    assert not Citizen.objects.exists()


def test_the_own_office_is_shown_its_entry_of_a_duplicate(official: Any) -> None:
    citizen = register(official)
    with pytest.raises(AlreadyRegistered) as refused:
        register(official, replace(GRANDMOTHER, number="A-2", name="최 어르신"))
    assert refused.value.own == citizen


def test_another_office_learns_only_that_there_is_a_duplicate(official: Any) -> None:
    register(official)
    other = cast.official("other", office="9911052000")
    with pytest.raises(AlreadyRegistered) as refused:
        register(other)
    assert refused.value.own is None


def test_a_slip_in_the_number_is_noticed_within_the_own_office(official: Any) -> None:
    citizen = register(official)
    with pytest.raises(AlreadyRegistered) as refused:
        register(official, replace(GRANDMOTHER, phone="+821000000055"))
    assert refused.value.own == citizen


def test_a_confirmed_duplicate_adds_the_paper_and_makes_no_second_person(official: Any) -> None:
    citizen = register(official)
    again = register(official, replace(GRANDMOTHER, number="A-2"), confirmed=True)
    assert again == citizen
    assert Subscription.objects.filter(ended_at=None).count() == 1
    assert set(Consent.objects.values_list("paper_form", flat=True)) == {"A-1", "A-2"}


def test_a_person_who_signed_up_keeps_their_own_channels(official: Any) -> None:
    form = GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    citizen = cast.enrol(who, ("kakaotalk",), "traffic_fine")
    register(official, form, confirmed=True)
    assert list(citizen.channels.values_list("channel", flat=True)) == ["kakaotalk"]
    assert set(citizen.subscriptions.values_list("data_type__code", flat=True)) == {"traffic_fine", "vaccination"}


def warned(by: Any, form: Any = GRANDMOTHER, seen: Any = ()) -> Any:
    with pytest.raises(Warned) as refused:
        register_senior(
            official=by, form=form, consents=texts_for(live_data_types(["vaccination"])), now=NOW, seen=seen
        )
    return refused.value


def web_grandmother(**changes: Any) -> Any:
    """She has signed up by herself."""
    values = {"name": GRANDMOTHER.name, "birth_date": GRANDMOTHER.birth_date, "phone": GRANDMOTHER.phone} | changes
    return cast.person(5, **values)


def trail(action: Any) -> Any:
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "citizen_id", "reason"))


def test_each_warning_is_on_the_trail_although_nothing_is_registered(official: Any) -> None:
    citizen = register(official)
    outsider = cast.official("other", office="9911052000")
    assert warned(outsider).about == citizen.pk
    assert trail("registration.warned") == [(f"official:{outsider.id}", citizen.pk, "already registered")]


def test_so_is_a_refusal_for_the_age(official: Any) -> None:
    with pytest.raises(TooYoungForOffice):
        register(official, replace(GRANDMOTHER, birth_date=date(1952, 3, 3)))
    assert trail("registration.refused") == [(f"official:{official.id}", None, "too young")]


def test_a_warning_about_one_person_confirms_nothing_about_another(official: Any) -> None:
    first = register(official)
    second = cast.enrol(cast.person(9, name="박어르신", birth_date=date(1940, 1, 1)), ("sms",))
    form = cast.PaperForm("A-2", "박어르신", date(1940, 1, 1), "+821000000009")
    assert warned(official, form, seen={first.pk}).about == second.pk


def test_paper_of_a_person_who_consented_on_the_web_takes_nothing_from_that_consent(official: Any) -> None:
    citizen = cast.enrol(web_grandmother(), ("kakaotalk",), "vaccination")
    register(official, confirmed=True)
    standing = Subscription.objects.get(citizen=citizen, ended_at=None)
    assert standing.consent.method == Consent.WEB


def test_an_office_ends_only_what_its_own_paper_began(official: Any) -> None:
    citizen = cast.enrol(web_grandmother(), ("kakaotalk",), "vaccination")
    register(official, confirmed=True)
    end_registration(citizen=citizen, official=official, reason="본인 요청", now=NOW)
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).count() == 1
    assert not Consent.objects.filter(
        citizen=citizen, method=Consent.PAPER, text__code="vaccination", withdrawn_at=None
    )


def test_not_what_another_offices_paper_began(official: Any) -> None:
    citizen, outsider = register(official), cast.official("other", office="9911052000")
    register(outsider, confirmed=True)
    end_registration(citizen=citizen, official=outsider, reason="본인 요청", now=NOW)
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).exists()
    assert not registered_by_office(outsider.office).exists()
    end_registration(citizen=citizen, official=official, reason="본인 요청", now=NOW)
    assert not Subscription.objects.filter(citizen=citizen, ended_at=None).exists()


def test_who_agrees_on_the_web_after_their_paper_has_agreed_themselves(official: Any) -> None:
    citizen = register(official)
    cast.enrol(web_grandmother(), ("sms",), "vaccination")
    end_registration(citizen=citizen, official=official, reason="본인 요청", now=NOW)
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).exists()


def test_an_office_lists_only_those_whose_consent_on_its_own_paper_stands(official: Any) -> None:
    citizen = register(official)
    assert list(registered_by_office(official.office)) == [citizen]
    withdraw(citizen=citizen, data_types=None, actor="citizen", now=NOW)
    assert not registered_by_office(official.office).exists()


def test_an_office_is_shown_what_it_typed_and_not_what_the_person_says_on_the_web(official: Any) -> None:
    citizen = register(official)
    cast.enrol(web_grandmother(), ("sms",), "vaccination")
    moved = web_grandmother(name="최새이름", phone="+821000000088")
    cast.enrol(moved, ("sms",), "vaccination")
    entry = own_citizen(official=official, citizen_id=citizen.pk, now=NOW)
    shown = reveal(citizen=entry, official=official, reason="본인 문의", now=NOW)
    assert (shown.name, shown.phone) == ("최어르신", "010-0000-0005")


def test_an_entry_from_before_papers_were_kept_shows_nothing_of_who_has_signed_up_since(official: Any) -> None:
    citizen = register(official)
    Consent.objects.update(paper_encrypted=None)
    entry = own_citizen(official=official, citizen_id=citizen.pk, now=NOW)
    assert reveal(citizen=entry, official=official, reason="본인 문의", now=NOW).name == "최어르신"
    cast.enrol(web_grandmother(), ("sms",), "vaccination")
    entry = own_citizen(official=official, citizen_id=citizen.pk, now=NOW)
    shown = reveal(citizen=entry, official=official, reason="본인 문의", now=NOW)
    assert (shown.name, shown.phone, shown.paper_form) == ("–", "–", "A-1")


def test_an_office_sees_that_its_papers_number_is_another_persons_now(official: Any) -> None:
    citizen = register(official)
    cast.enrol(cast.person(6, name="이샘플", phone=GRANDMOTHER.phone), ("sms",))
    entry = own_citizen(official=official, citizen_id=citizen.pk, now=NOW)
    assert masked(entry).number_lost
