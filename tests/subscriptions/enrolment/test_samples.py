import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from secretary.kernel.models import AuditEvent
from subscriptions.accounts.sample_accounts import PASSWORD
from subscriptions.models import AgencyStaff, Citizen, Consent, Office, Subscription
from tests.subscriptions import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(tmp_path: Path) -> Any:
    cast.offer_all()
    file = tmp_path / "people.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(1, 9):
            who = cast.person(number)
            line = {"ci": who.ci, "name": who.name, "birth_date": "1948-05-09", "phone": who.phone, "carrier": "KT"}
            line |= {"toss_user_key": f"44300{number}", "language": "ko", "channels": ["toss", "sms"], "sex_digit": "1"}  # type: ignore[dict-item]
            line |= {
                "data_types": ["traffic_fine", "vaccination"],  # type: ignore[dict-item]
                "registered_by": "official" if number > 6 else "web",
            }
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    return file


def seed(file: Any, citizens: Any = 8) -> None:
    call_command("seed_samples", citizens=citizens, people=file, stdout=StringIO())


def test_all_but_the_first_three_are_enrolled_and_a_second_run_changes_nothing(people: Any) -> None:
    seed(people)
    assert (Citizen.objects.count(), Subscription.objects.count(), Consent.objects.count()) == (5, 10, 15)
    seed(people)
    assert (Citizen.objects.count(), Subscription.objects.count(), Consent.objects.count()) == (5, 10, 15)


def test_a_seeded_person_is_like_one_who_signed_up(people: Any) -> None:
    seed(people)
    citizen = cast.enrol(cast.person(4), ("sms",), "traffic_fine")
    assert Citizen.objects.count() == 5
    assert citizen.contacts.get(kind="toss_user_key").value == "443004"
    assert Consent.objects.filter(method="paper", recorded_by__office=Office.objects.first()).exists()


def test_the_number_of_statements_does_not_grow_with_the_people(
    people: Any, django_assert_max_num_queries: Any
) -> None:
    call_command("sample_accounts", people=people, stdout=StringIO())
    with django_assert_max_num_queries(40):
        seed(people)
    assert Citizen.objects.count() == 5


def test_sample_accounts_work_and_are_printed_with_the_people_left_to_sign_up(people: Any) -> None:
    out = StringIO()
    call_command("sample_accounts", people=people, stdout=out)
    assert get_user_model().objects.get(username="official1").check_password(PASSWORD)
    assert "official1" in out.getvalue()
    assert AgencyStaff.objects.get(user__username="agency1").agency.code == "knpa"
    assert "01000000001" in out.getvalue()
    assert "01000000004" not in out.getvalue()


def test_production_gets_no_sample_accounts(people: Any, settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="local"):
        seed(people)
    assert not AuditEvent.objects.exclude(action__in=["agency created", "datatype created"]).exists()  # of the cast
