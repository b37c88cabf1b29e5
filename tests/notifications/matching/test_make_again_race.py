"""Test that a number is corrected at the moment in which a claim closes the notice because of the old one."""

import threading

import pytest
from django.db import connection, transaction

from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.enrolment.choices import set_channels
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_claim_that_had_begun_is_waited_for_and_what_it_closed_is_made_again() -> None:
    fine = make_data_type()
    alice = enrol(1, fine, channels=[])
    ingest(record(1))
    match_everything(now=MORNING)
    closed, go_on = threading.Event(), threading.Event()

    def claims() -> None:
        try:
            with transaction.atomic():
                claim(now=MORNING)
                closed.set()
                go_on.wait(60)
        finally:
            connection.close()

    def matches() -> None:
        try:
            match_everything(now=MORNING)
        finally:
            connection.close()

    claiming, matching = threading.Thread(target=claims), threading.Thread(target=matches)
    claiming.start()
    assert closed.wait(60)
    with transaction.atomic():
        set_channels(alice, ["sms"])
    matching.start()
    matching.join(0.5)
    go_on.set()
    claiming.join(60)
    matching.join(60)
    states = list(Notice.objects.order_by("pk").values_list("state", "reason"))
    assert states == [("failed", "no_channel"), ("ready", "")]
