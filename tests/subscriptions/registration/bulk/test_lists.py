"""A list: checked, confirmed, registered; and the same file again changes nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction

from notifications.models import Alarm
from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import name_index
from subscriptions.data_types.load import ensure_office_call_consent
from subscriptions.enrolment.consent_texts import OFFICE_CALL
from subscriptions.enrolment.paper import Paper
from subscriptions.models import (
    BulkChunk,
    BulkRefusal,
    BulkUpload,
    Citizen,
    Consent,
    DataTypeVersion,
    Official,
    Subscription,
)
from subscriptions.registration.bulk import check_list as check_list_module
from subscriptions.registration.bulk import write_list as write_list_module
from subscriptions.registration.bulk.staged import cells_of
from subscriptions.registration.bulk.uploads import AtWork, TextsChanged, confirm, empty_expired, take_in, waiting_steps
from subscriptions.registration.bulk.write_list import write_list
from subscriptions.registration.bulk.write_rows import write_rows
from subscriptions.registration.register_senior import PaperForm
from tests.subscriptions import cast
from tests.subscriptions.registration.bulk.lists import (
    HEADER,
    OLD_MAN,
    OLD_WOMAN,
    checked,
    faults,
    listed,
    name_of,
    registered,
    row,
)
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


def test_who_may_be_called_is_a_column_of_its_own_that_may_be_missing_or_empty(official: Official) -> None:
    """Each answer for one senior; a list without the column, and a word that says nothing."""
    ensure_office_call_consent()
    header = (*HEADER, "주민센터 전화 확인 동의(선택)")
    rows = [(*row(number), answer) for number, answer in enumerate(("예", "아니오", "", "글쎄"), start=1)]
    upload = registered(official, listed(*rows, header=header))
    assert (upload.state, upload.written, faults(upload)) == ("done", 3, {5: [("call", "consent_unclear")]})
    [consent] = Consent.objects.filter(text__code=OFFICE_CALL)
    assert (consent.citizen.name, consent.office, consent.paper_form) == (name_of(1), official.office, "B-1")
    assert Paper.opened(consent.paper_encrypted or b"", consent.citizen_id).name == name_of(1)
    assert registered(official, listed(row(7))).written == 1
    assert Consent.objects.filter(text__code=OFFICE_CALL).count() == 1


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


def test_rows_of_one_file_that_are_alike_are_named(official: Official) -> None:
    first = row(1)
    same_person = row(2, 이름=first[1])
    same_number, same_form = row(3, 휴대전화=first[3], 생년월일="19480510"), row(4, **{"신청서 번호": first[0]})
    upload = registered(official, listed(first, same_person, same_number, same_form))
    assert faults(upload) == {
        3: [("name", "row_person:2")],
        4: [("phone", "row_number:2")],
        5: [("form", "row_form:2")],
    }
    assert upload.written == 1


def test_what_the_page_would_warn_of_is_an_error_and_on_the_trail(official: Official) -> None:
    known = cast.register(official)  # form A-1, 최어르신, 19480509, 010-0000-0005
    web = cast.enrol()  # has proved 010-0000-0001
    upload = registered(
        official,
        listed(
            row(1, 이름="최어르신", 휴대전화="010-0000-0005"),
            row(2, 이름="최어르신"),
            row(3, 휴대전화="010-0000-0005"),
            row(4, **{"신청서 번호": "A-1"}),
            row(5, 휴대전화="010-0000-0001"),
        ),
    )
    assert {number: found[0][1] for number, found in faults(upload).items()} == {
        2: "like_registered",
        3: "like_person",
        4: "like_number",
        5: "like_form",
        6: "like_number_of_another",
    }
    warned = AuditEvent.objects.filter(action="registration.warned").order_by("id")
    assert [each.citizen_id for each in warned] == [*[known.id] * 4, web.id]
    assert Citizen.objects.count() == 2


def test_people_who_were_registered_since_the_check_are_not_registered_twice(official: Official) -> None:
    upload = checked(official, listed(OLD_WOMAN, OLD_MAN))
    cast.register(official, PaperForm("C-1", "김어르신", cast.date(1948, 5, 9), "+821000001001"))
    assert confirm(official=official, upload_id=upload.pk, now=cast.NOW)
    write_list(upload_id=upload.pk, now=cast.NOW)
    upload.refresh_from_db()
    assert (upload.state, upload.written, upload.wrong) == ("done", 1, 1)
    assert faults(upload) == {2: [("name", "like_registered")]}
    assert Citizen.objects.count() == 2


def test_a_killed_worker_leaves_no_row_out_and_none_twice(official: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_list_module, "CHUNK", 2)
    upload = checked(official, listed(*(row(number) for number in range(1, 8))))
    assert confirm(official=official, upload_id=upload.pk, now=cast.NOW)
    calls: list[int] = []

    def killed(*args: Any, **kwargs: Any) -> list[UUID]:
        calls.append(1)
        ids = write_rows(*args, **kwargs)
        if len(calls) == 3:
            raise SoftTimeLimitExceeded
        return ids

    monkeypatch.setattr(write_list_module, "write_rows", killed)
    with pytest.raises(SoftTimeLimitExceeded):
        write_list_module.write_list_safely(upload_id=upload.pk, now=cast.NOW)
    assert Citizen.objects.count() == 4
    assert waiting_steps() == []  # its lease holds
    BulkUpload.objects.update(try_at=cast.NOW)
    assert waiting_steps() == [("subscriptions.write_list", upload.pk)]
    write_list(upload_id=upload.pk, now=cast.NOW)
    upload.refresh_from_db()
    assert (upload.state, upload.written, Citizen.objects.count()) == ("done", 7, 7)


def test_a_list_that_fails_too_often_is_given_up_and_raises_an_alarm(
    official: Official, django_capture_on_commit_callbacks: Any
) -> None:
    upload = take_in(official=official, content=listed(OLD_WOMAN), now=cast.NOW)
    BulkUpload.objects.update(tries=5, try_at=cast.NOW)
    with django_capture_on_commit_callbacks(execute=True):
        check_list_module.check_list_safely(upload_id=upload.pk, now=cast.NOW)
    upload.refresh_from_db()
    assert (upload.state, upload.refusal) == ("refused", "failed")
    [alarm] = Alarm.objects.filter(kind="list_failed")
    assert alarm.subject == f"list {upload.pk}"


def test_a_resident_number_is_refused_and_not_kept(official: Official) -> None:
    upload = checked(official, listed(row(1, 생년월일="480509-1234567")))
    assert faults(upload) == {2: [("birth_date", "resident_number")]}
    assert cells_of(BulkRefusal.objects.get())["birth_date"] == ""


def test_the_content_goes_after_three_days_and_the_counts_stay(official: Official) -> None:
    upload = checked(official, listed(row(1), row(2, 이름="")))
    assert empty_expired(now=cast.NOW + timedelta(days=2)) == 0
    assert empty_expired(now=cast.NOW + timedelta(days=3)) == 1
    upload.refresh_from_db()
    assert (upload.state, upload.valid, upload.wrong) == ("expired", 1, 1)
    assert not BulkChunk.objects.exists() and not BulkRefusal.objects.exists()
    assert not confirm(official=official, upload_id=upload.pk, now=cast.NOW)


def test_only_one_list_of_an_official_is_at_work(official: Official) -> None:
    take_in(official=official, content=listed(OLD_WOMAN), now=cast.NOW)
    with pytest.raises(AtWork):
        take_in(official=official, content=listed(OLD_MAN), now=cast.NOW)


def test_a_list_whose_consent_texts_have_changed_is_not_confirmed(official: Official) -> None:
    upload = checked(official, listed(OLD_WOMAN))
    newer = cast.consent_text("vaccination", number=2, sensitive=True)
    DataTypeVersion.objects.filter(data_type__code="vaccination").update(consent_text=newer)
    with pytest.raises(TextsChanged):
        confirm(official=official, upload_id=upload.pk, now=cast.NOW)


@pytest.mark.parametrize("back", ["uploaded", "checked", "writing"])
def test_the_database_lets_no_list_go_back(official: Official, back: str) -> None:
    upload = registered(official, listed(OLD_MAN))
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkUpload.objects.filter(pk=upload.pk).update(state=back)
