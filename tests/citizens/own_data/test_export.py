"""A person asks for a copy of their data, watches it being made, and gets everything that is held about them."""

import csv
import io
import json
import unicodedata
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from citizens.models import DataExport
from citizens.own_data.parts import LEFT_OUT, PARTS
from citizens.retention import KEPT
from citizens.tasks import make_export as export
from citizens.tasks import sweep
from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Notice
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.retention import remove_old
from subscriptions.models import Citizen
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.payments.web.conftest import Visitor, prove
from tests.plugin import ROOT
from tests.support.present import present

pytestmark = pytest.mark.django_db
APPS = ("common", "subscriptions", "notifications", "payments", "citizens")
COLUMNS = {"citizen_id", "people", "ci_hash", "person_hash", "delivery_id"}
HOME, ASK = "/my-data/", "/my-data/copy/"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Any]:
    """What was handed to the broker; a message runs when the test says so."""
    messages: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, kwargs: messages.append((name, kwargs)))
    return messages


def files(answer: Any) -> dict[str, bytes]:
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip", answer
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def assert_tables(found: dict[str, bytes], whole: dict[str, Any]) -> None:
    """Each part is a CSV file too, with the same rows, that no spreadsheet takes for formulas."""
    for part in PARTS:
        table = found[f"csv/{part.name}.csv"]
        assert table.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
        assert rows[0] == list(part.columns) and len(rows) == len(whole[part.name]) + 1, part.name
        assert not [cell for line in rows for cell in line if cell.startswith(("=", "+", "@", "-"))], part.name


def make_two_histories(visitor: Visitor) -> Citizen:
    """Let Alice pay and staff look at her; give another person a record and an access too, and return that person."""
    visitor.pay()
    alice, mallory = visitor.alice, enrol(2)
    tricky = unicodedata.normalize("NFD", "신호위반") + " =cmd()"
    ingest(record(1, fields={"violation": f"={tricky}", "plate": "34나5678"}))
    ingest(record(2, fields={"plate": "99허9999"}))
    match_everything(now=MORNING)
    claim(now=MORNING)
    record_audit(now=MORNING, actor="staff:1", action="revealed", citizen_id=alice.pk, reason="민원 확인")
    record_audit(now=MORNING, actor="staff:1", action="revealed", citizen_id=mallory.pk, reason="다른 사람")
    return mallory


def test_everything_is_in_the_copy_and_only_its_person_gets_it(
    visitor: Visitor, sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    mallory = make_two_histories(visitor)
    with django_capture_on_commit_callbacks(execute=True):
        assert visitor.client.post(ASK)["Location"] == HOME
        visitor.client.post(ASK)  # a double click makes no second copy
    row = DataExport.objects.get()
    assert sent == [("citizens.export", {"export_id": row.pk})]
    waiting = visitor.text(HOME)
    assert f"{len(PARTS)}개 중 0개" in waiting and "초 뒤에" in waiting
    assert visitor.get(HOME)["Refresh"].endswith(f"url={HOME}?look=1")
    assert "Refresh" not in visitor.get(f"{HOME}?look=off").headers
    export(export_id=row.pk)
    export(export_id=row.pk)  # the message comes twice
    assert f"{ASK}{row.pk}/" in visitor.text(HOME)
    found = files(visitor.get(f"{ASK}{row.pk}/"))
    whole = json.loads(found["my-data.json"])
    assert list(whole) == ["format", "made_at", "left_out", *(part.name for part in PARTS)]
    assert whole["person"][0]["name"] == "홍길동" and whole["person"][0]["birth_date"] == "1960-01-02"
    assert [contact["value"] for contact in whole["contacts"]] == ["+821000000001"]
    assert {one["fields"].get("plate") for one in whole["records"]} == {"12가3456", "34나5678"}
    assert any("신호위반 =cmd()" in one["fields"]["violation"] for one in whole["records"])
    assert whole["deliveries"][0]["text"].startswith("[국민비서] 홍길동님")
    assert all(one["text_is_as_sent"] for one in whole["deliveries"])
    assert whole["consents"][0]["purpose"] and whole["consents"][0]["given_at"] == "2026-03-10T10:00:00+09:00"
    assert whole["payments"][0]["captured"] == 32000 and whole["bills"][0]["state"] == "paid"
    assert [one["reason"] for one in whole["accesses_by_staff"]] == ["민원 확인"]
    assert {one["what"] for one in whole["changes"]} >= {"citizen", "contact", "consent", "subscription"}
    text = found["my-data.json"].decode()
    assert "99허9999" not in text and str(mallory.pk) not in text and unicodedata.is_normalized("NFC", text)
    assert_tables(found, whole)
    assert b"'+821000000001" in found["csv/contacts.csv"]
    stored = bytes(present(DataExport.objects.get().content_encrypted))
    assert b"my-data.json" not in stored  # encrypted at rest
    prove(visitor.client, 2)
    assert visitor.get(f"{ASK}{row.pk}/").status_code == 404


def test_it_is_offered_for_a_time_then_deleted_and_not_made_too_often(
    visitor: Visitor, clock: Any, settings: Any
) -> None:
    settings.OWN_DATA_EXPORTS_PER_DAY = 2
    for _ in range(3):
        visitor.client.post(ASK)
        for row in DataExport.objects.filter(state="waiting"):
            export(export_id=row.pk)
    assert DataExport.objects.count() == 2
    assert "다음 사본은" in visitor.text(HOME)
    newest, first = present(DataExport.objects.first()), present(DataExport.objects.last())
    remove_old(KEPT, now=first.expires_at - timedelta(seconds=1), seconds=5)
    assert DataExport.objects.count() == 2
    clock.move_to(present(newest.expires_at) + timedelta(seconds=1), tick=False)
    prove(visitor.client)
    assert visitor.get(f"{ASK}{newest.pk}/").status_code == 404  # before the hourly job has been here
    assert visitor.client.post(ASK)["Location"] == HOME  # another day
    remove_old(KEPT, now=present(newest.expires_at) + timedelta(seconds=1), seconds=5)
    assert DataExport.objects.count() == 1


def test_a_lost_message_is_found_and_a_copy_that_cannot_be_made_says_so(
    visitor: Visitor, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.client.post(ASK)
    sweep()
    row = DataExport.objects.get()
    assert sent == [("citizens.export", {"export_id": row.pk})]
    Citizen.objects.filter(pk=visitor.alice.pk).update(name_encrypted=b"broken")
    for _ in range(6):
        export(export_id=row.pk)
        sweep()
        DataExport.objects.update(try_at=MORNING - timedelta(days=365))
    row.refresh_from_db()
    assert row.state == DataExport.FAILED and len(sent) == 1
    assert "사본을 만들지 못했습니다" in visitor.text(HOME)


def test_looking_needs_a_sign_in_and_taking_a_fresh_identity_check(stranger: Visitor, clock: Any) -> None:
    for path in (HOME, f"{HOME}accesses/", ASK, f"{ASK}1/"):
        assert stranger.get(path)["Location"] == ("/settings/sign-in/" if path.startswith(ASK) else "/sign-in/"), path
    prove(stranger.client)
    clock.shift(20 * 60)
    assert stranger.get(HOME).status_code == 200
    for path in (ASK, f"{ASK}1/"):
        assert stranger.get(path)["Location"] == "/settings/sign-in/", path
    assert prove(stranger.client)["Location"] == f"{ASK}1/"


def test_the_document_names_every_part_and_column() -> None:
    text = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
    missing = [
        part.name
        for part in PARTS
        if f"| `{part.name}` | {', '.join(f'`{column}`' for column in part.columns)} |" not in text
    ]
    assert missing == []


def models_about_people() -> set[str]:
    """Every model of ours whose rows are about a person: it points at one, or at such a row, or has their number or
    keys in a column."""
    ours = [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    known = {model for model in ours if COLUMNS & {field.attname for field in model._meta.concrete_fields}}
    known.add(Citizen)
    while more := {
        model for model in set(ours) - known for field in model._meta.concrete_fields if field.related_model in known
    }:
        known |= more
    return {model._meta.label for model in known}


def test_every_model_about_people_is_in_the_copy_or_left_out_with_its_reason() -> None:
    found = models_about_people()
    assert found >= {"notifications.Record", "payments.Quote", "citizens.CalendarEntry", "subscriptions.ContactEvent"}
    held = {model._meta.label for part in PARTS for model in part.holds}
    assert sorted(found - held - set(LEFT_OUT)) == []
    assert sorted((held & set(LEFT_OUT)) | (set(LEFT_OUT) - found) | (held - found)) == []
    document = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
    assert [reason for reason in LEFT_OUT.values() if reason not in document] == []


def test_the_calendar_feed_what_was_read_and_earlier_copies_are_in_it(visitor: Visitor) -> None:
    ingest(record(1))
    match_everything(now=MORNING)
    notice = present(Notice.objects.filter(citizen=visitor.alice).first())
    assert visitor.get(f"/inbox/{notice.pk}/").status_code == 200
    assert visitor.client.post("/year/calendar/", {"make": ""}).status_code == 302
    for _ in range(2):
        visitor.client.post(ASK)
        export(export_id=present(DataExport.objects.first()).pk)
    newest = present(DataExport.objects.first())
    whole = json.loads(files(visitor.get(f"{ASK}{newest.pk}/"))["my-data.json"])
    assert [one["notice"] for one in whole["read_notices"]] == [notice.pk]
    assert [one["is_valid"] for one in whole["calendar_feeds"]] == [True]
    assert len(whole["copies"]) == 2 and whole["copies"][0]["state"] == "ready"
