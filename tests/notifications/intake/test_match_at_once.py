"""A push of what is urgent is matched before its answer: it waits for no worker."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from notifications.intake import push as pushing
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, IngestBatch, Notice
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.time import database_clock
from tests.notifications.cast import MORNING, enrol, make_data_type, make_feed, record
from tests.notifications.intake.test_push import push

pytestmark = pytest.mark.django_db
CANCELLED: dict[str, Any] = {"version": 2, "state": "withdrawn"}


class Agency:
    """An agency whose first record of Alice was sent; what its pushes enqueue."""

    def __init__(self, commit: Any, enqueued: list[str]) -> None:
        self._key, self._commit, self._enqueued = AgencyKey(feed=make_feed(), key_id="knpa-1"), commit, enqueued
        self._key.secret = new_secret()
        self._key.save()
        self._pushes = 0

    def push(self, *records: dict[str, Any]) -> list[str]:
        self._enqueued.clear()
        self._pushes += 1
        with self._commit(execute=True):
            answer = push(Client(), self._key, {"records": list(records)}, message_id=f"m-{self._pushes}")
        assert answer.status_code == 200
        return [*self._enqueued]


@pytest.fixture
def agency(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Agency:
    enqueued: list[str] = []
    monkeypatch.setattr(pushing, "enqueue", lambda name, **_: enqueued.append(name))
    monkeypatch.setattr(database_clock, "now", lambda: MORNING)
    enrol(1, make_data_type(), channels=["sms"])
    agency = Agency(django_capture_on_commit_callbacks, enqueued)
    assert agency.push(record(1, external_id="A")) == ["match"]
    match_everything(now=MORNING)
    Notice.objects.update(state="sending")
    return agency


def test_its_notice_is_there_when_the_push_is_answered(agency: Agency) -> None:
    assert agency.push(record(1, external_id="A", **CANCELLED)) == ["deliver_urgent", "deliver"]
    assert Notice.objects.get(urgent=True).stage.code == "cancelled"
    assert not IngestBatch.objects.filter(matched_at=None).exists()


def test_what_is_not_urgent_is_left_to_a_worker(agency: Agency) -> None:
    assert agency.push(record(1, external_id="A", version=2, state="paid")) == ["match"]
    assert IngestBatch.objects.filter(matched_at=None).count() == 1


def test_only_its_own_records_are_matched(agency: Agency) -> None:
    assert agency.push(record(1, external_id="B")) == ["match"]
    assert agency.push(record(1, external_id="A", **CANCELLED)) == ["deliver_urgent", "deliver"]
    assert IngestBatch.objects.get(matched_at=None).records_now.get().external_id == "B"


def test_nothing_is_enqueued_where_it_concerns_no_subscriber(agency: Agency) -> None:
    assert agency.push(record(2, external_id="C", **CANCELLED)) == []
    assert not Notice.objects.filter(urgent=True).exists()


def test_many_records_are_left_to_a_worker(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "MOST_AT_ONCE", 1)
    assert agency.push(record(1, external_id="A", **CANCELLED), record(2)) == ["match"]


def test_where_matching_fails_the_push_is_taken_and_a_worker_matches_it(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: Any) -> int:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(pushing, "match_batches", fail)
    assert agency.push(record(1, external_id="A", **CANCELLED)) == ["match"]
    assert IngestBatch.objects.filter(matched_at=None).count() == 1
    assert "not matched at once" in caplog.text
