from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from subscriptions.data_types.load import (
    ensure_family_consents,
    ensure_office_call_consent,
    ensure_service_consent,
)
from subscriptions.models import Official, Stage
from tests.citizens.office_calls.family_cast import Gateway
from tests.notifications.cast import MORNING, make_data_type
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    played = Gateway()
    for place in ("family.send_family_texts", "delivery.providers"):
        monkeypatch.setattr(f"notifications.{place}.usable", lambda _code: [("twilio", played)])
    return played


@pytest.fixture
def clock(time_machine: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Both clocks, of the web and of the database, stand at the morning until they are moved."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    standing = {"now": MORNING}
    time_machine.move_to(MORNING, tick=False)
    monkeypatch.setattr("secretary.kernel.time.database_clock.now", lambda: standing["now"])

    def move(now: datetime) -> None:
        standing["now"] = now
        time_machine.move_to(now, tick=False)

    return move


@pytest.fixture
def registering(clock: Any, client: Client) -> Official:
    """An official who is signed in, of an installation with all texts of consent."""
    ensure_service_consent()
    ensure_office_call_consent()
    ensure_family_consents()
    make_data_type("vaccination")
    Stage.objects.filter(code="issued").update(urgent=True)
    official = cast.official()
    client.post("/officials/login/", PASSWORD)
    return official
