"""A limit that all citizens share is used up: one alarm, which clears itself when the window is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from notifications import tasks
from notifications.delivery.check_codes import check_code
from notifications.models import Alarm
from secretary.kernel.time import clock, database_clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HOUR = timedelta(hours=1)


def look(monkeypatch: pytest.MonkeyPatch, later: timedelta = timedelta()) -> list[tuple[str, bool]]:
    """The job of each minute; which alarms there are, and whether each is open."""
    now = clock.now() + later
    with monkeypatch.context() as patched:
        patched.setattr(database_clock, "now", lambda: now)
        tasks.watch_whom_nothing_reaches()
    alarms = Alarm.objects.filter(kind="limit_reached").order_by("pk")
    return [(alarm.subject, alarm.cleared_at is None) for alarm in alarms]


def test_codes_that_the_public_asks_for_and_checks_are_watched(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ATTEMPT_LIMITS = {
        **settings.ATTEMPT_LIMITS,
        "light_asked_overall": (2, 3600),
        "code_checked_overall": (2, 3600),
    }
    assert look(monkeypatch) == []
    for number in range(2):
        Client().post("/sign-in/", {"phone": f"010-0000-000{number}"})
    assert look(monkeypatch) == [("light_asked_overall", True)]
    refused = Client().post("/sign-in/", {"phone": "010-0000-0009"})
    assert refused.status_code == 429
    for _ in range(3):
        Client().post("/verify/", {"code": check_code(4_000_000)})
    assert look(monkeypatch) == look(monkeypatch) == [("light_asked_overall", True), ("code_checked_overall", True)]
    assert Alarm.objects.latest("pk").message.startswith("code_checked_overall: 2 in 60 minutes")
    assert look(monkeypatch, HOUR) == [("light_asked_overall", False), ("code_checked_overall", False)]
