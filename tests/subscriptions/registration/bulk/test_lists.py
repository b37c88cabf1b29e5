"""A list: checked, confirmed, registered; and the same file again changes nothing."""

from typing import Any

import pytest

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import name_index
from subscriptions.enrolment.paper import Paper
from subscriptions.models import BulkChunk, BulkUpload, Citizen, Consent, Official, Subscription
from subscriptions.registration.register_senior import PaperForm
from tests.subscriptions import cast
from tests.subscriptions.registration.bulk.lists import OLD_MAN, OLD_WOMAN, checked, faults, listed, registered, row
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture
def official() -> Official:
    cast.offer_all()
    return cast.official()


def test_the_valid_rows_are_registered_once_they_are_confirmed(official: Official) -> None:
    upload = checked(official, listed(OLD_WOMAN, OLD_MAN))
    assert (upload.state, upload.valid, upload.wrong, upload.file_encrypted) == ("checked", 2, 0, None)
    assert not Citizen.objects.exists()
    upload = registered(official, listed(OLD_WOMAN, OLD_MAN))
    assert (upload.state, upload.written) == ("done", 2)
    assert {citizen.name for citizen in Citizen.objects.all()} == {"김어르신", "이어르신"}
    assert not BulkChunk.objects.filter(upload=upload, rows_encrypted__isnull=False).exists()


def test_a_row_writes_what_the_page_for_one_senior_writes(official: Official) -> None:
    registered(official, listed(OLD_MAN))
    cast.register(official, PaperForm("B-9", "박어르신", cast.date(1950, 3, 2), "+821000001009", ["kakaotalk", "sms"]))
    by_list, by_page = (written_of(Citizen.objects.get(name_hash=each)) for each in names("이어르신", "박어르신"))
    assert by_list == by_page
    citizen = Citizen.objects.get(name_hash=names("이어르신")[0])
    paper = present(Consent.objects.filter(citizen=citizen).first())
    assert Paper.opened(bytes(present(paper.paper_encrypted)), citizen.id).phone == "+821000001002"


def names(*values: str) -> list[bytes]:
    return [name_index(value) for value in values]


def written_of(citizen: Citizen) -> dict[str, Any]:
    """All that hangs on a person, but for what is theirs alone."""
    own = ("id", "name_encrypted", "name_hash", "birth_date_encrypted", "created_at")
    values = Citizen.objects.filter(pk=citizen.pk).values()[0]
    consents = Consent.objects.filter(citizen=citizen).order_by("text__code")
    events = AuditEvent.objects.filter(citizen_id=citizen.id).order_by("id")
    return {
        "row": {name: value for name, value in values.items() if name not in own},
        "keys": [key.kind for key in citizen.keys.all()],
        "contacts": [
            (each.kind, each.value[:10], each.verified_at, each.suspended_at) for each in citizen.contacts.all()
        ],
        "channels": list(citizen.channels.values_list("channel", "position")),
        "consents": list(consents.values_list("text__code", "language", "method", "given_at", "office")),
        "subscriptions": [
            (each.data_type.code, each.consent.text.code, each.started_at, each.matched_at)
            for each in Subscription.objects.filter(citizen=citizen)
        ],
        "trail": [(each.at, each.actor, each.action, each.object[:7], each.reason) for each in events],
    }


def test_the_same_file_again_changes_nothing(official: Official) -> None:
    content = listed(OLD_WOMAN, OLD_MAN)
    registered(official, content)
    before = counts()
    again = registered(official, content)
    assert (again.state, again.valid, again.unchanged, again.wrong) == ("checked", 0, 2, 0)
    assert before == counts()


def counts() -> list[int]:
    about_people = AuditEvent.objects.filter(citizen_id__isnull=False)
    return [rows.count() for rows in (Citizen.objects.all(), Consent.objects.all(), about_people)]


def test_a_wrong_row_is_named_and_the_others_are_registered(official: Official) -> None:
    upload = registered(official, listed(row(1), row(2, 휴대전화="02-000-0000", 이름=""), row(3)))
    assert faults(upload) == {3: [("name", "empty"), ("phone", "phone_landline")]}
    assert (upload.written, upload.wrong, Citizen.objects.count()) == (2, 1, 2)
    assert BulkUpload.objects.get().total == 3
