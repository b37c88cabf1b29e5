"""An official uploads a list on the pages, sees how far it is, and confirms it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.models import BulkUpload, Citizen, Consent, Official
from subscriptions.registration.bulk.check_list import check_list
from subscriptions.registration.bulk.columns import places_of
from subscriptions.registration.bulk.read_file import read_file
from subscriptions.registration.bulk.uploads import terms
from subscriptions.registration.bulk.write_list import write_list
from tests.subscriptions import cast
from tests.subscriptions.registration.bulk.lists import OLD_MAN, OLD_WOMAN, listed, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
NOW = cast.NOW


@pytest.fixture
def official(client: Client) -> Any:
    made = cast.official()
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    return made


def upload(client: Client, content: bytes, name: str = "list.csv", *, follow: bool = False) -> Any:
    return client.post("/officials/lists/", {"file": SimpleUploadedFile(name, content)}, follow=follow)


def test_from_the_file_to_registered_people(client: Client, official: Any) -> None:
    page = upload(client, listed(OLD_WOMAN, OLD_MAN, row(3, 휴대전화="010-0000-12")))
    made = BulkUpload.objects.get()
    assert page["Location"] == f"/officials/lists/{made.pk}/"
    waiting = client.get(page["Location"])
    assert waiting["Refresh"].startswith("3; url=/officials/lists/")
    check_list(upload_id=made.pk, now=NOW)
    text = client.get(page["Location"]).content.decode()
    for part in ("올바른 행 2개", "휴대전화", "010-0000-12", "숫자가 모자랍니다"):
        assert part in text, part
    assert client.post(page["Location"])["Location"] == page["Location"]
    write_list(upload_id=made.pk, now=NOW)
    assert "2명을 등록했습니다." in client.get(page["Location"]).content.decode()
    assert Citizen.objects.count() == 2


def test_the_wrong_rows_come_as_a_file_that_may_come_back(client: Client, official: Any) -> None:
    upload(client, listed(row(1, 이름="=cmd|'/c calc'!A1", 생년월일="480509")))
    made = BulkUpload.objects.get()
    check_list(upload_id=made.pk, now=NOW)
    answer = client.get(f"/officials/lists/{made.pk}/errors.csv")
    text = answer.content.decode("utf-8-sig")
    assert "'=cmd" in text and "480509" in text and "오류" in text
    assert AuditEvent.objects.filter(action="list.errors_seen", object=f"upload:{made.pk} file").count() == 1
    upload(
        client, answer.content.replace(b",480509,", b",19480509,").replace(b"'=cmd|'/c calc'!A1", "최어르신".encode())
    )
    again = BulkUpload.objects.first()
    assert again is not None
    check_list(upload_id=again.pk, now=NOW)
    again.refresh_from_db()
    assert (again.state, again.valid) == ("checked", 1)


def test_another_officials_list_is_not_found_and_the_attempt_is_recorded(client: Client, official: Any) -> None:
    upload(client, listed(OLD_WOMAN))
    made = BulkUpload.objects.get()
    cast.official("other", office="9911052000")
    client.post("/officials/login/", {"username": "other", "password": "right-password-1"})
    for path in ("", "errors.csv"):
        assert client.get(f"/officials/lists/{made.pk}/{path}").status_code == 404
    assert client.post(f"/officials/lists/{made.pk}/").status_code == 404
    assert AuditEvent.objects.filter(action="list.refused", object=f"upload:{made.pk}").count() == 3


def test_a_file_that_is_too_large_is_refused_in_words(client: Client, official: Any) -> None:
    page = upload(client, b"a" * 10_200_000, follow=True)
    assert "파일이 10MB보다 큽니다" in page.content.decode()
    assert not BulkUpload.objects.exists()


def test_a_file_of_another_kind_is_refused_in_words(client: Client, official: Any) -> None:
    assert "CSV 파일도 XLSX 파일도 아닙니다" in upload(client, b"%PDF-1.7 \n", follow=True).content.decode()
    upload(client, listed(OLD_WOMAN, header=("가", "나", "다", "라", "마", "바", "사")))
    made = BulkUpload.objects.get()
    check_list(upload_id=made.pk, now=NOW)
    page = client.get(f"/officials/lists/{made.pk}/").content.decode()
    assert "첫 행에 “신청서 번호” 열이 없습니다" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_template_has_the_columns_that_are_read(client: Client, official: Any, kind: str, language: str) -> None:
    answer = client.get(f"/officials/lists/template.{kind}", headers={"accept-language": language})
    _, header, rows = read_file(answer.content)
    assert set(places_of(header, terms()[2])) == {
        *("form", "name", "birth_date", "phone", "channel", "consent_service", "consent_vaccination")
    }
    assert list(rows) == []


def test_the_office_manager_goes_on_with_the_list_of_an_official_who_is_away(client: Client, official: Any) -> None:
    upload(client, listed(OLD_WOMAN, row(3, 휴대전화="010-0000-12")))
    made = BulkUpload.objects.get()
    check_list(upload_id=made.pk, now=NOW)
    page = f"/officials/lists/{made.pk}/"
    Official.objects.filter(pk=official.pk).update(active=False)
    manager, other = cast.official("manager"), cast.official("other", office="9911052000")
    Official.objects.filter(pk__in=[manager.pk, other.pk]).update(manager=True)
    theirs, foreign = Client(), Client()
    theirs.post("/officials/login/", {"username": "manager", "password": "right-password-1"})
    foreign.post("/officials/login/", {"username": "other", "password": "right-password-1"})
    for path in (page, f"{page}errors.csv"):
        assert foreign.get(path).status_code == 404, path
    assert foreign.post(page).status_code == 404
    assert AuditEvent.objects.filter(actor=f"official:{other.pk}", action="list.refused").count() == 3
    assert page in theirs.get("/officials/lists/").content.decode()
    text = theirs.get(page).content.decode()
    assert "official 님이" in text and "숫자가 모자랍니다" in text
    assert theirs.get(f"{page}errors.csv").status_code == 200
    theirs.post(page)
    write_list(upload_id=made.pk, now=NOW)
    assert Citizen.objects.count() == 1
    assert Consent.objects.filter(method="paper").values_list("recorded_by", flat=True).first() == official.pk
    deeds = AuditEvent.objects.filter(actor=f"official:{manager.pk}").exclude(action="signed in").order_by("id")
    assert list(deeds.values_list("action", "object")) == [
        ("list.errors_seen", f"upload:{made.pk} page:1 rows:1"),
        ("list.errors_seen", f"upload:{made.pk} file"),
        ("list.confirmed", f"upload:{made.pk}"),
    ]
