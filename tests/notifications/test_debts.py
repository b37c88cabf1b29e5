"""Test news of a debt: the imposition, an objection at the agency, and first news that do not expire early."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.delivery.claim import claim
from notifications.matching.match import match_batches, match_everything, match_subscriptions
from notifications.models import Notice, Record
from subscriptions.models import Citizen, DataType
from tests.notifications.cast import MORNING, add_stage, enrol, ingest, make_data_type, record, subscribe
from tests.support.present import present

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=40)


@pytest.fixture
def fine() -> DataType:
    made = make_data_type()
    DataType.objects.filter(pk=made.pk).update(payable="traffic_fine")
    add_stage(present(made.live_version), "imposed", trigger="event", event="imposed")
    add_stage(present(made.live_version), "objected", trigger="objected", told_only=True)
    return made


def stands() -> list[tuple[str, str, str]]:
    rows = Notice.objects.order_by("pk").values_list("cause", "state", "reason")
    return [(cause.partition(":")[0], state, reason) for cause, state, reason in rows]


def test_the_imposition_is_notified_as_itself_and_not_as_a_change_as_well(fine: DataType) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="F"))
    match_everything(now=MORNING)
    claim(now=MORNING)
    ingest(record(1, external_id="F", version=2, event="imposed", fields={"due_on": "2026-05-29"}), now=LATER)
    match_everything(now=LATER)
    match_everything(now=LATER)
    assert stands() == [("issued", "sending", ""), ("imposed", "ready", "")]
    claim(now=LATER)
    ingest(record(1, external_id="F", version=3, event="imposed", fields={"due_on": "2026-06-29"}), now=LATER)
    match_everything(now=LATER)
    assert stands()[-1] == ("changed", "ready", "")


def test_an_advance_notice_that_waits_is_not_sent_after_the_imposition(fine: DataType) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="F"))
    match_everything(now=MORNING)
    ingest(record(1, external_id="F", version=2, event="imposed", fields={"due_on": "2026-05-29"}), now=LATER)
    match_everything(now=LATER)
    claim(now=LATER)
    assert stands() == [("issued", "cancelled", "superseded"), ("imposed", "sending", "")]


@pytest.mark.parametrize("event", ["opened", "imposed", "of_no_stage"])
@pytest.mark.parametrize("days", [0, 6, 30, 400, 1800])
def test_the_first_news_of_a_debt_goes_out_however_late_while_it_is_due(fine: DataType, event: Any, days: Any) -> None:
    present(fine.live_version).stages.filter(code="issued").update(expires_slot=1)
    enrol(1, fine)
    ingest(record(1, event=event, fields={"due_on": "2026-03-01"}))  # over before it reached us
    match_batches(now=MORNING)
    claim(now=MORNING + timedelta(days=days))
    assert stands() == [("imposed" if event == "imposed" else "issued", "sending", "")]


@pytest.mark.parametrize("event", ["opened", "imposed", "of_no_stage"])
def test_a_later_subscriber_hears_of_a_debt_that_is_due(fine: DataType, event: Any) -> None:
    alice = enrol(1)
    ingest(record(1, event=event))
    match_batches(now=MORNING)
    subscribe(alice, fine, matched=False)
    match_subscriptions(now=MORNING)
    assert stands() == [("imposed" if event == "imposed" else "issued", "ready", "")]


@pytest.mark.parametrize("state", ["paid", "completed", "withdrawn", "objected"])
def test_the_imposition_of_what_is_not_due_any_more_is_not_notified(fine: DataType, state: Any) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="F", event="imposed", state=state))
    match_everything(now=MORNING)
    assert stands() == []
    ingest(record(1, external_id="G", event="imposed"))
    match_everything(now=MORNING)
    ingest(record(1, external_id="G", event="imposed", version=2, state=state))
    match_everything(now=MORNING)
    claim(now=MORNING)
    assert "sending" not in [stand for cause, stand, _ in stands() if cause == "imposed"]


def test_an_objection_at_the_agency_stops_reminders_and_is_notified_to_people_who_know_of_the_debt(
    fine: DataType,
) -> None:
    alice = enrol(1, fine)
    enrol(2, fine)
    ingest(record(1, external_id="A"), record(2, external_id="B", state="objected"))
    match_everything(now=MORNING)
    claim(now=MORNING)
    ingest(record(1, external_id="A", version=2, state="objected"))
    match_everything(now=MORNING)
    match_everything(now=MORNING + timedelta(days=20))
    claim(now=MORNING + timedelta(days=20))
    assert stands() == [("issued", "sending", ""), ("objected", "sending", "")]
    assert set(Notice.objects.values_list("citizen", flat=True)) == {alice.pk}
    assert Citizen.objects.count() == 2


@pytest.mark.parametrize("state", ["open", "objected"])
@pytest.mark.parametrize("notified", [False, True])
def test_nothing_to_pay_is_an_end(fine: DataType, state: Any, notified: Any) -> None:
    enrol(1, fine)
    ingest(record(1, external_id="F"))
    match_everything(now=MORNING)
    if notified:
        claim(now=MORNING)
    ingest(record(1, external_id="F", version=2, state=state, fields={"amount": 0}))
    match_everything(now=MORNING)
    match_everything(now=MORNING + timedelta(days=20))
    claim(now=MORNING + timedelta(days=20))
    assert Record.objects.get().state == "withdrawn"
    first = ("issued", "sending", "") if notified else ("issued", "cancelled", "withdrawn_by_agency")
    assert stands() == [first, *([("cancelled", "sending", "")] if notified else [])]
