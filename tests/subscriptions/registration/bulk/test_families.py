"""A list names family members in three columns that may be missing; as on the page for one senior, row for row."""

from collections.abc import Sequence
from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import phone_index
from subscriptions.data_types.load import ensure_family_consents, ensure_office_call_consent
from subscriptions.enrolment.consent_texts import FAMILY
from subscriptions.models import Citizen, Consent, FamilyMember, FamilyNumber, FamilyText, Official
from subscriptions.registration.bulk.uploads import confirm
from subscriptions.registration.bulk.write_list import write_list
from tests.subscriptions import cast
from tests.subscriptions.cast import NOW
from tests.subscriptions.registration.bulk.lists import HEADER, checked, faults, listed, name_of, registered, row

pytestmark = pytest.mark.django_db
CALL = "주민센터 전화 확인 동의(선택)"
FAMILY_HEADER = (*HEADER, CALL, "가족 안내 동의(선택)", "가족 호칭(선택)", "가족 휴대전화(선택)")
DAUGHTER = "010-0000-0077"
NAMED = ("예", "예", "큰딸", DAUGHTER)


@pytest.fixture
def official(settings: Any) -> Official:
    settings.FAMILY_SENIORS_PER_NUMBER = 2
    cast.offer_all()
    ensure_office_call_consent()
    ensure_family_consents()
    return cast.official()


def with_families(*answers: Sequence[str]) -> bytes:
    rows = [(*row(number), *answer) for number, answer in enumerate(answers, start=1)]
    return listed(*rows, header=FAMILY_HEADER)


def test_each_row_that_names_one_asks_them_and_what_does_not_go_together_is_named(official: Official) -> None:
    upload = registered(
        official,
        with_families(
            NAMED,
            ("예", "아니오", "", ""),
            ("아니오", "예", "큰딸", DAUGHTER),
            ("예", "", "큰딸", DAUGHTER),
            ("예", "예", "큰딸", ""),
            ("예", "예", "큰딸", "010-0000-0006"),
            ("예", "예", "아들", DAUGHTER),
            ("예", "예", "며느리", DAUGHTER),
        ),
    )
    assert (upload.state, upload.written) == ("done", 3)
    assert faults(upload) == {
        4: [("family", "family_no_calls")],
        5: [("family", "family_not_agreed")],
        6: [("family_phone", "family_missing")],
        7: [("family_phone", "family_own_number")],
        9: [("family_phone", "family_not_asked")],  # two seniors have named it, which are all that may
    }
    members = list(FamilyMember.objects.order_by("id"))
    assert [(each.citizen.name, each.name, each.phone, each.state) for each in members] == [
        (name_of(1), "큰딸", "+821000000077", "asked"),
        (name_of(7), "아들", "+821000000077", "asked"),
    ]
    assert FamilyText.objects.filter(state="waiting").count() == FamilyNumber.objects.get().questions == 2
    consents = Consent.objects.filter(text__code=FAMILY).order_by("id").values_list("paper_form", "recorded_by")
    assert list(consents) == [("B-1", official.pk), ("B-7", official.pk)]
    actors = AuditEvent.objects.filter(action="family.named").values_list("actor", flat=True)
    assert set(actors) == {f"official:{official.pk}"}


def test_a_number_that_is_declined_after_the_check_is_an_error_of_its_row(official: Official) -> None:
    upload = checked(official, with_families(NAMED, ("예", "", "", "")))
    assert upload.valid == 2
    FamilyNumber.objects.create(phone_hash=phone_index("+821000000077"), since=NOW, declined_at=NOW)
    assert confirm(official=official, upload_id=upload.pk, now=NOW)
    write_list(upload_id=upload.pk, now=NOW)
    upload.refresh_from_db()
    assert (upload.state, upload.written, upload.wrong) == ("done", 1, 1)
    assert faults(upload) == {2: [("family_phone", "family_not_asked")]}
    assert Citizen.objects.get().name == name_of(2) and not FamilyMember.objects.exists()
