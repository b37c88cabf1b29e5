"""Test moving keys of earlier releases, in which each spelling of a name was another person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from secretary.kernel.persons.blind_index import blind_index, former_person_index, person_index
from subscriptions.admin.find import find_citizens
from subscriptions.enrolment import move_name_keys
from subscriptions.models import Citizen, CitizenKey, NameKeyMove, Subscription
from tests.subscriptions import cast
from tests.subscriptions.cast import GRANDMOTHER, register

pytestmark = pytest.mark.django_db
BORN = date(1948, 5, 9)


@pytest.fixture
def official() -> Any:
    cast.offer_all()
    return cast.official()


def registered_by_an_earlier_release(by: Any, name: Any, number: Any, *, form: Any = None) -> Any:
    """As 148511c left them: the former key alone, of the spelling that was typed."""
    paper = replace(GRANDMOTHER, number=form or f"A-{number}", name=name, phone=f"+82100000{number:04d}")
    citizen = register(by, paper, confirmed=True)
    former = former_person_index(name, BORN, paper.phone)
    CitizenKey.objects.filter(citizen=citizen).exclude(key_hash=former).delete()
    Citizen.objects.filter(pk=citizen.pk).update(name_hash=blind_index("name", "".join(name.split())))
    Subscription.objects.update(matched_at=cast.NOW)
    return citizen


def keys_of(citizen: Any) -> Any:
    return {bytes(key) for key in citizen.keys.values_list("key_hash", flat=True)}


def both_keys(name: Any, number: Any) -> Any:
    phone = f"+82100000{number:04d}"
    return {former_person_index(name, BORN, phone), person_index(name, BORN, phone)}


def test_a_person_is_known_by_every_spelling_and_their_open_records_are_matched_again(official: Any) -> None:
    citizen = registered_by_an_earlier_release(official, "Nguyen Thi-Hoa", 21)
    korean = registered_by_an_earlier_release(official, "최어르신", 22)
    call_command("move_name_keys")
    assert keys_of(citizen) == both_keys("Nguyen Thi-Hoa", 21)
    assert person_index("NGUYEN THI HOA", BORN, "+821000000021") in keys_of(citizen)
    assert Subscription.objects.get(citizen=citizen).matched_at is None
    assert Subscription.objects.get(citizen=korean).matched_at == cast.NOW
    assert list(find_citizens("nguyen thi hoa")[1]) == [citizen]


def test_stopped_midway_it_goes_on_where_it_was(official: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [registered_by_an_earlier_release(official, f"Nguyen Thi {'ABCDEF'[n]}", 30 + n) for n in range(6)]
    move, seen = move_name_keys._move, []

    def stop_at_the_fourth(citizen_id: Any, done: Any, *, now: Any) -> None:
        seen.append(citizen_id)
        if len(seen) == 4:
            raise KeyboardInterrupt
        move(citizen_id, done, now=now)

    monkeypatch.setattr(move_name_keys, "_move", stop_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        call_command("move_name_keys", batch=2)
    assert [len(keys_of(citizen)) for citizen in people] == [2, 2, 2, 1, 1, 1]
    call_command("move_name_keys", batch=2)
    assert [len(keys_of(citizen)) for citizen in people] == [2] * 6
    assert seen[4:] == [citizen.pk for citizen in people[2:]]  # the batch that was stopped, and those after it
    progress = NameKeyMove.objects.get()
    assert (progress.looked_at, progress.finished_at is not None) == (6, True)


def test_again_finds_those_whom_an_earlier_release_enrolled_meanwhile(official: Any) -> None:
    citizen = registered_by_an_earlier_release(official, "O'Brien", 21)
    call_command("move_name_keys")
    CitizenKey.objects.filter(key_hash=person_index("O’BRIEN", BORN, "+821000000021")).delete()
    call_command("move_name_keys")
    assert len(keys_of(citizen)) == 1
    call_command("move_name_keys", again=True)
    assert keys_of(citizen) == both_keys("O'Brien", 21)


def test_one_person_in_two_spellings_becomes_one_and_keeps_what_either_wanted(official: Any) -> None:
    other = cast.official("other", office="9911052000")
    first = registered_by_an_earlier_release(official, "NGUYEN THI HOA", 21)
    second = registered_by_an_earlier_release(other, "Nguyen Thi-Hoa", 21, form="B-1")
    call_command("move_name_keys")
    assert keys_of(first) == both_keys("NGUYEN THI HOA", 21) | both_keys("Nguyen Thi-Hoa", 21)
    assert not keys_of(second)
    assert list(Subscription.objects.filter(ended_at=None).values_list("citizen", flat=True)) == [first.pk]
    assert set(first.consents.filter(withdrawn_at=None).values_list("paper_form", flat=True)) == {"A-21", "B-1"}


def test_it_may_run_twice(official: Any) -> None:
    citizen = registered_by_an_earlier_release(official, "J.R. Kim", 21)
    call_command("move_name_keys")
    call_command("move_name_keys", again=True)
    assert keys_of(citizen) == both_keys("J.R. Kim", 21)
