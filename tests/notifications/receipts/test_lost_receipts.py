"""Which receipts a crash of the database may lose: those that its gateway is polled for (docs/adr/0078)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from notifications.channels.contract import Receipt, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import reference
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from notifications.models.delivery_hour import DeliveryChange
from notifications.models.reach import ReachChange
from notifications.receipts.receipts import take_receipts
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.notifications.receipts.test_receipts import hook, post, sent, state
from tests.notifications.receipts.test_what_receipts_may_say import returned
from tests.notifications.same_thread import SameThreadWriter
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
__all__ = ["sent"]


@pytest.fixture(autouse=True)
def applied_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.receipts.receive.receipt_writer", SameThreadWriter)
    monkeypatch.setattr("notifications.receipts.receipts.IN_BULK", 1)


@pytest.fixture
def commit_of(client: Client, sandbox: SandboxProcess) -> Callable[..., str]:
    """Report, and return how the transaction would be committed: "on" waits for the disk."""

    def report(*hooks: dict[str, Any]) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO DEFAULT")
            assert post(client, sandbox, *hooks) == 200
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    return report


def test_what_arrives_as_expected_waits_for_no_disk_and_its_repetition_does(
    commit_of: Callable[..., str], sent: Delivery
) -> None:
    assert [commit_of(hook(sent, "1000", "same")), commit_of(hook(sent, "1000", "same"))] == ["off", "on"]
    assert state(sent) == ("delivered", "delivered")


def test_a_failure_waits_for_the_disk(commit_of: Callable[..., str], sent: Delivery) -> None:
    assert commit_of(hook(sent, "3008")) == "on"


def test_what_arrives_beside_a_failure_waits_for_the_disk(commit_of: Callable[..., str], sent: Delivery) -> None:
    assert commit_of(hook(sent, "1000"), hook(sent, "3008")) == "on"


def test_a_message_that_is_no_longer_polled_waits_for_the_disk(commit_of: Callable[..., str], sent: Delivery) -> None:
    """It was taken for one that had never been received: a lost report of it would be a second message."""
    assert commit_of(hook(returned(sent), "1000")) == "on"
    assert state(sent) == ("delivered", "cancelled")


def test_a_receipt_that_fits_no_delivery_waits_for_the_disk(commit_of: Callable[..., str], sent: Delivery) -> None:
    assert commit_of(hook(sent, "1000", requestId="another")) == "on"
    assert state(sent) == ("sent", "sending")


def test_of_one_commit_what_is_not_usual_is_judged_as_ever(sandbox: SandboxProcess) -> None:
    """One was unknown, one waits in the queue again, one is another gateway's, one has arrived already: the statement
    for what arrives as usual leaves them to the one for any outcome (docs/adr/0085)."""
    enrol(1, make_data_type(), channels=["kakaotalk"])
    sandbox.register(*templates())
    ingest(*[record(1, external_id=f"R-{number}") for number in range(6)])
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 6
    usual, unknown, queued, foreign, repeated, last = Delivery.objects.order_by("id")
    report = partial(take_receipts, gateway="nhn", now=MORNING)
    report(receipts=[arrived(repeated)])
    of_delivery, of_notice = Delivery.objects.filter, Notice.objects.filter
    of_delivery(pk=unknown.pk).update(state="unknown", ask_at=None)
    of_notice(pk=unknown.notice_id).update(state="unknown")
    of_notice(pk=queued.notice_id).update(state="ready")
    of_delivery(pk=foreign.pk).update(gateway="solapi")
    applied = report(receipts=[*map(arrived, (usual, unknown, queued, foreign, repeated, last, usual))])
    assert applied is not None and applied.moved == 4
    ended = list(Delivery.objects.order_by("id").values_list("state", "notice__state"))
    done = ("delivered", "delivered")
    assert ended == [done, done, ("delivered", "cancelled"), ("sent", "sending"), done, done]
    assert sum(DeliveryChange.objects.values_list("change", flat=True)) == 5
    assert sum(ReachChange.objects.filter(outcome="in_time").values_list("change", flat=True)) == 5


def arrived(delivery: Delivery) -> Receipt:
    return Receipt(f"e-{delivery.pk}", reference(delivery.pk), "", Verdict.DELIVERED, "1000")
