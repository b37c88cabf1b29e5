"""Fault matrix 20: faults by lot, one over another, while records come in.

./test --faults --seed 7 --minutes 5
"""

import pytest

from notifications.states import REVIEW
from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.monkey import Monkey
from tests.faults.rig.service import Service

pytestmark = pytest.mark.faults


def test_whatever_breaks_and_however_often_the_books_balance(service: Service, pytestconfig: pytest.Config) -> None:
    """A worker that dies three times over the same notice leaves it to a person; nothing else may be left."""
    monkey = Monkey(service, pytestconfig.getoption("--seed"))
    monkey.play(60 * pytestconfig.getoption("--minutes"))
    service.figures.injected = f"{len(monkey.played)} faults, seed {monkey.seed}"
    service.wait_until_finished(monkey.pushed)
    review = service.states().get(REVIEW, 0)
    assert_balanced(service, committed=monkey.pushed, review=review)
    left = "SELECT DISTINCT reason FROM notifications_notice WHERE state = 'review'"
    assert service.rows(left) in ([], [("lease_expired",)]), monkey.played
