"""Which receipts a crash of the database may lose: those that its gateway is polled for (docs/adr/0078)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from notifications.models import Delivery
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
