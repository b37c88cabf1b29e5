"""A payment is reported until the agency has acknowledged it, and posted once however often it is reported."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.checkout.post_to_agency import alarm_about_unposted, post_to_agencies, report_again
from payments.models import AgencyPosting, Payment
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(far: Far) -> Payment:
    far.at(MORNING)
    alice, bill = alice_owes()
    return confirm(alice, begin(alice, bill), far.bank)


def post() -> AgencyPosting:
    AgencyPosting.objects.update(next_at=Now())
    post_to_agencies(now=MORNING)
    return AgencyPosting.objects.get()


def test_a_payment_is_reported_and_acknowledged(far: Far, paid: Payment) -> None:
    reported = post()
    assert (reported.state, reported.reference, reported.acknowledged_at) == (
        "acknowledged",
        f"K-{reported.posting_id[-6:]}",
        MORNING,
    )
    [line] = far.biller.posted_lines.values()
    assert (line.external_id, line.amount) == (paid.bill.record.external_id, 40000)


@pytest.mark.parametrize("fault", ["down", "told_lost"])
def test_it_is_reported_again_after_a_pause_and_posted_once(far: Far, paid: Payment, fault: Any) -> None:
    far.biller.faults["report"].extend([fault, fault])
    assert [post().state for _ in range(3)] == ["waiting", "waiting", "acknowledged"]
    assert far.biller.total() == 40000
    assert post_to_agencies(now=MORNING) == 0


def test_pauses_grow_with_jitter(far: Far, paid: Payment) -> None:
    far.biller.faults["report"].extend(["down"] * 3)
    waits = []
    for _ in range(3):
        post()
        row = AgencyPosting.objects.annotate(clock=Now()).get()
        waits.append((row.next_at - row.clock).total_seconds())
    assert 14 <= waits[0] <= 31 and 29 <= waits[1] <= 61 and 59 <= waits[2] <= 121


def test_paid_here_and_unposted_there_raises_an_alarm(far: Far, paid: Payment) -> None:
    far.biller.faults["report"].append("down")
    post()
    assert alarm_about_unposted(now=MORNING + timedelta(minutes=59)) == 0
    assert alarm_about_unposted(now=MORNING + timedelta(minutes=61)) == 1
    assert Alarm.objects.get(kind="unposted").subject == "knpa"


def test_what_the_agency_refuses_waits_for_a_person(far: Far, paid: Payment) -> None:
    far.biller.faults["report"].append("refused")
    refused = post()
    assert (refused.state, refused.code) == ("refused", "UNKNOWN_DEBT")
    assert Alarm.objects.filter(kind="posting_refused").exists()
    assert post().state == "refused"  # not by itself
    assert report_again(posting_id=refused.pk, actor="staff:1", reason="they know it now", now=MORNING)
    assert not report_again(posting_id=refused.pk, actor="staff:1", reason="twice", now=MORNING)
    assert post().state == "acknowledged"
