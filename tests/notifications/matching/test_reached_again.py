"""What reached no person is made again by each change that lets it reach them: once, if it is still true, and where it
had not arrived before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from notifications.models import Notice
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.my_choices import add_data_types, change_channels
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.identity.toss_login import TossUser
from subscriptions.models import Citizen, Official, Subscription
from subscriptions.preferences.toss import finish_link, start_link, waiting_link
from subscriptions.registration.correct_registration import Correction, correct_registration
from tests.notifications.cast import MORNING, ci_of
from tests.notifications.matching.missed import FORM, LATER, OTHER_NUMBER, arrives, fails, go, made, push, sign_up
from tests.subscriptions import cast as people
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("missed_fine")]


@dataclass(frozen=True)
class Way:
    """A person, what is pushed about them, and the change that lets it reach them."""

    begin: Callable[[], object]
    mend: Callable[[], object]
    spoil: Callable[[], object] = lambda: None  # after the push, before it goes
    about: Callable[[], dict[str, Any]] = dict
    fails: bool = False  # its gateway reports that no message arrives


def only_citizen() -> Citizen:
    return Citizen.objects.get()


def link_toss() -> None:
    code = start_link(citizen_id=only_citizen().pk, now=LATER)
    link = present(waiting_link(code.text, now=LATER))
    assert finish_link(link=link, user=TossUser(key="443000007", ci=ci_of(7)), now=LATER) == "linked"


def take_back_consent() -> None:
    withdraw(citizen=only_citizen(), data_types=["traffic_fine"], actor="citizen", now=MORNING)


def agree_again() -> None:
    kinds = ["traffic_fine"]
    texts = texts_for(live_data_types(kinds))
    add_data_types(citizen=only_citizen(), data_types=kinds, consents=texts, language="ko", now=LATER)


def choose(*channels: str) -> Callable[[], object]:
    return lambda: change_channels(citizen=only_citizen(), channels=channels, now=LATER)


def correct_the_number() -> None:
    """The official had typed another number than the agency knows."""
    right = Correction(phone=OTHER_NUMBER)
    correct_registration(
        official=Official.objects.get(), citizen_id=only_citizen().pk, correction=right, reason="typing", now=LATER
    )


def of_the_agency() -> dict[str, Any]:
    subject = {"name": FORM.name, "birth_date": f"{FORM.birth_date}", "phone": OTHER_NUMBER}
    return {"data_type": "vaccination", "subject": subject}


WAYS = {
    "an office corrects the number": Way(
        begin=lambda: people.register(people.official(), now=MORNING), mend=correct_the_number, about=of_the_agency
    ),
    "Toss is linked": Way(begin=lambda: sign_up("toss"), mend=link_toss),
    "a consent is given again": Way(begin=sign_up, spoil=take_back_consent, mend=agree_again),
    "a channel is switched on": Way(begin=lambda: sign_up("naver"), mend=choose("naver", "sms"), fails=True),
    "the only channel is switched on again": Way(
        begin=lambda: (sign_up("sms"), choose("naver")()), mend=choose("sms"), fails=True
    ),
}


def come_to_nothing(way: Way) -> int:
    """Return how many messages went out in vain."""
    way.begin()
    push(**way.about())
    way.spoil()
    went = go()
    assert went == int(way.fails)
    if way.fails:
        fails()
    assert not Notice.objects.filter(state__in=("ready", "sending", "delivered")).exists()
    return went


@pytest.mark.parametrize("name", WAYS)
def test_it_is_made_once_where_it_is_still_true(name: str, sandbox: SandboxProcess) -> None:
    way = WAYS[name]
    in_vain = come_to_nothing(way)
    way.mend()
    assert go(LATER) == 1
    arrives(LATER)
    assert made()[-1] == ("issued", "delivered", "")
    Subscription.objects.update(matched_at=None)  # all that is about them is looked at once more
    assert go(LATER) == 0
    assert sandbox.messages()["total"] == in_vain + 1


@pytest.mark.parametrize("name", WAYS)
def test_it_is_not_made_where_it_is_no_longer_true(name: str, sandbox: SandboxProcess) -> None:
    way = WAYS[name]
    in_vain = come_to_nothing(way)
    push(2, state="withdrawn", **way.about())
    go()
    way.mend()
    assert go(LATER) == 0
    assert sandbox.messages()["total"] == in_vain


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if way.fails])
def test_it_is_not_made_again_where_it_had_arrived(name: str, sandbox: SandboxProcess) -> None:
    way = WAYS[name]
    way.begin()
    push(**way.about())
    assert go() == 1
    arrives()
    way.mend()
    assert go(LATER) == 0
    assert sandbox.messages()["total"] == 1
