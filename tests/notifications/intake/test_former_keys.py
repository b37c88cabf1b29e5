"""Test that no record is missed or moves to another person while keys of names move (manage.py move_name_keys)."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from secretary.kernel.persons.blind_index import blind_index, former_person_index, person_index
from subscriptions.models import Citizen, CitizenKey
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.present import present

pytestmark = pytest.mark.django_db
NAME = "NGUYEN THI HOA"
PHONE = "+821000000001"


@pytest.fixture
def fine() -> Any:
    return make_data_type()


def subject(name: str = NAME) -> dict[str, str]:
    return {"name": name, "birth_date": "1960-01-02", "phone": "010-0000-0001"}


def enrolled_by_an_earlier_release(fine: Any, name: str = NAME) -> Citizen:
    citizen = enrol(1, fine, name=name)
    CitizenKey.objects.filter(citizen=citizen).delete()
    CitizenKey.objects.create(
        citizen=citizen, kind="person", key_hash=former_person_index(name, citizen.birth_date, PHONE)
    )
    Citizen.objects.update(name_hash=blind_index("name", name.replace(" ", "")))
    return citizen


def notified() -> list[str]:
    match_everything(now=MORNING)
    return list(Notice.objects.order_by("id").values_list("record__external_id", flat=True))


def test_a_record_finds_a_person_whose_key_has_not_moved_yet(fine: Any) -> None:
    enrolled_by_an_earlier_release(fine)
    ingest(record(subject=subject(), external_id="F-before"))
    assert notified() == ["F-before"]


def test_nothing_is_missed_or_notified_twice_over_the_move(fine: Any) -> None:
    enrolled_by_an_earlier_release(fine)
    ingest(record(subject=subject(), external_id="F-before"))
    notified()
    call_command("move_name_keys")
    ingest(record(subject=subject(), external_id="F-before", version=2, fields={"amount": 50000}))
    ingest(record(subject=subject("Nguyen Thi-Hoa"), external_id="F-after"))
    assert notified() == ["F-before", "F-after"]
    assert Record.objects.get(external_id="F-before").subject_version == 0


def test_what_came_in_another_spelling_before_the_move_is_notified_after_it(fine: Any) -> None:
    enrolled_by_an_earlier_release(fine, "Nguyen Thi-Hoa")
    ingest(record(subject=subject(), external_id="F-1"))
    assert notified() == []
    call_command("move_name_keys")
    assert notified() == ["F-1"]


def test_a_record_of_an_earlier_release_is_about_the_same_person_when_it_comes_again(fine: Any) -> None:
    ingest(record(subject=subject(), external_id="F-1"))
    Record.objects.update(person_hash=former_person_index(NAME, date(1960, 1, 2), PHONE))
    ingest(record(subject=subject(), external_id="F-1", version=2))
    stored = Record.objects.get()
    assert (stored.version, stored.subject_version) == (2, 0)
    assert bytes(present(stored.person_hash)) == person_index(NAME, date(1960, 1, 2), PHONE)


def test_names_in_hangul_cost_no_statement_more(fine: Any, django_assert_num_queries: Any) -> None:
    ingest(record())
    people = [record(subject=subject("홍길동")) for _ in range(5)]
    with django_assert_num_queries(12):
        ingest(*people)
    assert Record.objects.count() == 1 + len({one["external_id"] for one in people})


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("Nguyen Thi-Hoa", "NGUYEN THI HOA"),
        ("O’Brien", "O'BRIEN"),
        ("J.R. Kim", "JR KIM"),
        ("까뮈ㆍ알베르", "까뮈 알베르"),
        ("Ｍａｒｉａ", "maria"),
    ],
)
def test_a_record_finds_its_person_in_whatever_spelling_the_agency_writes(fine: Any, typed: str, named: str) -> None:
    enrol(1, fine, name=typed)
    ingest(record(subject=subject(named), external_id="F-1"))
    assert notified() == ["F-1"]
