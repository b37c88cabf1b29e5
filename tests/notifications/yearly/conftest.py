"""People who have agreed to the service, and the texts of the yearly message."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine as travelling
from django.db import connection

from notifications.models import YearlyMessage
from notifications.yearly.work_on_yearly import work_on_yearly
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.models import Citizen, Consent, Contact
from subscriptions.models.data_type import YEARLY
from tests.citizens.inbox.conftest import clock_of
from tests.notifications.calm_cast import load_bundle
from tests.notifications.cast import MORNING, enrol, templates
from tests.notifications.conftest import forget_adapters
from tests.support.sandbox_process import SandboxProcess

LONG_AGO = MORNING - timedelta(days=100)
Enrol = Callable[..., Citizen]


@pytest.fixture
def people(sandbox: SandboxProcess, settings: Any) -> Enrol:
    """Return what enrols a person who has agreed to the service, long before the day of the yearly message."""
    settings.YEARLY_MESSAGE_DAY = (3, 10)
    forget_adapters()
    load_bundle(YEARLY)
    sandbox.register(*templates())
    text = ensure_service_consent()

    def one(number: int, *, since: datetime = LONG_AGO, **values: Any) -> Citizen:
        citizen = enrol(number, **values)
        Citizen.objects.filter(pk=citizen.pk).update(created_at=since)
        Contact.objects.filter(citizen=citizen).update(changed_at=since)
        Consent.objects.create(citizen=citizen, text=text, language="ko", method="web", given_at=since)
        return citizen

    return one


def go(now: datetime = MORNING) -> int:
    with connection.cursor() as cursor, travelling.travel(clock_of(cursor)):  # gateways compare signatures with theirs
        return work_on_yearly(now=lambda: now)


def states() -> list[tuple[str, str]]:
    return list(YearlyMessage.objects.order_by("pk").values_list("state", "reason"))
