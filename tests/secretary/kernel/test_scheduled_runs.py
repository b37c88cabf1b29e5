"""Runs that exclude each other by a row, whichever session each of their statements gets."""

import pytest

from secretary.kernel.models import ScheduledRun
from secretary.kernel.scheduled_runs import alone

pytestmark = pytest.mark.django_db


def test_a_second_run_is_kept_out_until_the_first_has_ended_or_was_killed() -> None:
    with alone(name="send_alarms", most_seconds=90) as first, alone(name="send_alarms", most_seconds=90) as second:
        assert (first, second) == (True, False)
    with alone(name="send_alarms", most_seconds=90) as again, alone(name="other", most_seconds=90) as other:
        assert again and other
    with alone(name="send_alarms", most_seconds=90), alone(name="send_alarms", most_seconds=-1) as after_a_killed_one:
        assert after_a_killed_one
    assert not ScheduledRun.objects.exists()
