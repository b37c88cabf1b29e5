"""Gateways refuse, lie, lose answers and report in any order: each message ends up sent once and known as it is."""

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, Service, fines

pytestmark = pytest.mark.faults

BAD_DAYS = [
    {"nhn": "garbage", "solapi": "half_batch", "twilio": "rate_limit"},
    {"nhn": "rate_limit", "solapi": "error", "twilio": "garbage"},
    {"nhn": "lose_answer", "solapi": "black_hole", "twilio": "reset"},
]


@pytest.mark.parametrize("day", BAD_DAYS, ids=lambda day: "-".join(day.values()))
def test_a_bad_day_at_every_gateway(service: Service, day: dict[str, str]) -> None:
    """Fault matrix 14."""
    for gateway, fault in day.items():
        service.sandbox.fault(gateway, fault, count=2)
    service.push(fines(90, PEOPLE))
    service.wait_until_finished(90)
    assert_balanced(service, committed=90)


def test_receipts_come_before_the_answer_three_times_and_reversed(service: Service) -> None:
    """Fault matrix 15."""
    for fault in ("receipts_early", "receipts_reordered"):
        service.sandbox.fault("any", fault)
    service.sandbox.fault("any", "receipts_duplicate", times=3)
    service.push(fines(90, PEOPLE))
    service.wait_until_finished(90)
    assert_balanced(service, committed=90)
    assert service.states() == {"delivered": 90}
