from dataclasses import replace
from datetime import date

import pytest

from subscriptions.choices import ConsentMissing
from subscriptions.models import Citizen, Consent, Subscription
from subscriptions.register_senior import AlreadyRegistered, TooYoungForOffice, register_senior
from tests.subscriptions import cast
from tests.subscriptions.cast import GRANDMOTHER, NOW, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def official():
    cast.offer_all()
    return cast.official()


def test_consent_is_recorded_as_paper_with_who_took_it_and_the_number_of_the_form(official):
    citizen = register(official)
    for consent in Consent.objects.filter(citizen=citizen):
        assert (consent.method, consent.recorded_by, consent.paper_form) == ("paper", official, "A-1")
    assert set(citizen.consents.values_list("text__code", flat=True)) == {"service", "vaccination"}
    assert citizen.registered_by == "office"
    assert list(citizen.channels.values_list("channel", flat=True)) == ["sms"]


def test_under_75_is_refused(official):
    with pytest.raises(TooYoungForOffice):
        register(official, replace(GRANDMOTHER, birth_date=date(1951, 3, 3)))


def test_without_consent_nobody_is_registered(official):
    with pytest.raises(ConsentMissing):
        register_senior(official=official, form=GRANDMOTHER, consents=[], now=NOW)
    assert not Citizen.objects.exists()


def test_the_own_office_is_shown_its_entry_of_a_duplicate(official):
    citizen = register(official)
    with pytest.raises(AlreadyRegistered) as refused:
        register(official, replace(GRANDMOTHER, number="A-2", name="최 어르신"))
    assert refused.value.own == citizen


def test_another_office_learns_only_that_there_is_a_duplicate(official):
    register(official)
    other = cast.official("other", office="9911052000")
    with pytest.raises(AlreadyRegistered) as refused:
        register(other)
    assert refused.value.own is None


def test_a_slip_in_the_number_is_noticed_within_the_own_office(official):
    citizen = register(official)
    with pytest.raises(AlreadyRegistered) as refused:
        register(official, replace(GRANDMOTHER, phone="+821000000055"))
    assert refused.value.own == citizen


def test_a_confirmed_duplicate_adds_the_paper_and_makes_no_second_person(official):
    citizen = register(official)
    again = register(official, replace(GRANDMOTHER, number="A-2"), confirmed=True)
    assert again == citizen
    assert Subscription.objects.filter(ended_at=None).count() == 1
    assert set(Consent.objects.values_list("paper_form", flat=True)) == {"A-1", "A-2"}


def test_a_person_who_signed_up_keeps_their_own_channels(official):
    form = GRANDMOTHER
    who = cast.person(5, name=form.name, birth_date=form.birth_date, phone=form.phone)
    citizen = cast.enrol(who, ("kakaotalk",), "traffic_fine")
    register(official, form, confirmed=True)
    assert list(citizen.channels.values_list("channel", flat=True)) == ["kakaotalk"]
    assert set(citizen.subscriptions.values_list("data_type__code", flat=True)) == {"traffic_fine", "vaccination"}
