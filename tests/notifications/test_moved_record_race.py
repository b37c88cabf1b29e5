"""Test version 2 about Alice that is ingested at the moment in which Bob's notice of version 1 is claimed."""

import pytest

from notifications.delivery.claim import Claim, claim
from notifications.delivery.compose import approved, compose
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice, QueueEntry
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, RECORDS = 12, 8
BOB, ALICE = 1, 2


def push(person: int, version: int, numbers: list[str], amount: int) -> None:
    ingest(*(record(person, external_id=number, version=version, fields={"amount": amount}) for number in numbers))


def texts(claimed: Claim) -> list[str]:
    contents = approved(attempt.template_id for attempt in claimed.attempts)
    return [
        compose(attempt, content=contents[attempt.template_id], template_code="", day=MORNING.date()).text
        for attempt in claimed.attempts
    ]


@pytest.mark.parametrize("matched", [True, False], ids=["claim", "match and claim"])
def test_in_either_order_no_person_reads_of_the_other(matched: bool) -> None:
    """`matched`: the notices are there when the race begins; else matching takes part in it."""
    fine = make_data_type()
    bob, alice = (
        enrol(person, fine, channels=["sms"], name=name) for person, name in ((BOB, "김밥"), (ALICE, "이엘리스"))
    )
    reported: list[str] = []

    def match_and_claim() -> None:
        if not matched:
            match_everything(now=MORNING)
        for _ in range(RECORDS):
            reported.extend(texts(claim(now=MORNING, batch=1)))

    for turn in range(ROUNDS):
        numbers = [f"R{turn}-{item}" for item in range(RECORDS)]
        push(BOB, 1, numbers, 11000)
        if matched:
            match_everything(now=MORNING)
        at_once(match_and_claim, lambda numbers=numbers: push(ALICE, 2, numbers, 99000))  # type: ignore[misc]
        match_everything(now=MORNING)
        while (claimed := claim(now=MORNING)).looked_at:
            reported += texts(claimed)
    assert [text for text in reported if ("김밥" in text) and "99,000" in text] == []
    assert [text for text in reported if "이엘리스" in text and "11,000" in text] == []
    assert not QueueEntry.objects.exists()
    hers = Notice.objects.filter(citizen=alice)
    assert hers.count() == hers.filter(stage__code="issued", state="sending").count() == ROUNDS * RECORDS
    notified = Delivery.objects.filter(notice__stage__code="issued", notice__citizen=bob)
    corrected = Notice.objects.filter(citizen=bob, stage__code="not_yours", state="sending")
    assert sorted(corrected.values_list("record", flat=True)) == sorted(
        notified.values_list("notice__record", flat=True)
    )
    reasons = Notice.objects.filter(citizen=bob, state="cancelled").values_list("reason", flat=True)
    assert set(reasons) <= {"another_person"}
