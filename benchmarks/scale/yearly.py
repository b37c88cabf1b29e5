"""Measure the yearly message to `size` people: one process lists, claims, composes, sends and writes, a minute's
work at a time as the task does (`work_on_yearly`), until everyone is sent theirs; no receipts."""

from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch
from benchmarks.rig.population import enrol
from benchmarks.rig.ready import settle
from notifications.models import YearlyMessage
from notifications.yearly.work_on_yearly import work_on_yearly
from secretary.kernel.time import clock
from subscriptions.data_types.load import ensure_service_consent

A_YEAR = timedelta(days=365)  # everyone was enrolled before the day of the message
AGREE = """
INSERT INTO subscriptions_consent (citizen_id, text_id, language, method, given_at, paper_form)
SELECT id, %(text)s, 'ko', 'web', %(at)s, '' FROM subscriptions_citizen
"""


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_stub("--hold")
    at = clock.now() - A_YEAR
    enrol(1, size, data_types=announced_types(), channels=[channel], now=at)
    _agree(at)
    settle()
    stretch, minutes = Stretch(environment, driver_is_product=True), 0
    while YearlyMessage.objects.filter(state="sent").count() < size:
        assert work_on_yearly(now=clock.now), f"nothing was sent in minute {minutes + 1}"
        minutes += 1
    stretch.end()
    assert YearlyMessage.objects.count() == size
    return stretch.report(size, channel=channel, processes=1, minutes_of_work=minutes)


def _agree(at: Any) -> None:
    """Everyone has agreed to the service. Numbers of consents go on behind those that `enrol` gave by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('subscriptions_consent_id_seq', (SELECT max(id) FROM subscriptions_consent))")
        cursor.execute(AGREE, {"text": ensure_service_consent().pk, "at": at})
