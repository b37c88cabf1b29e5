"""Each hour the newest seal leaves the database; a place that does not accept it raises an alarm."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from notifications.models import Alarm
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import read_heads
from secretary.kernel.logs import LineFormatter, PersonalDataFilter
from secretary.kernel.models import AuditLink
from secretary.kernel.time import database_clock
from secretary.ops import tasks
from secretary.ops.audit_head import check_place
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(database_clock, "now", lambda: MORNING)
    record_audit(now=MORNING, actor="staff:1", action="looked at")
    tasks.link_audit_trail()
    assert AuditLink.objects.count() == 1
    return monkeypatch


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A log collector: its address, and what was posted to it."""
    taken: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/audit", taken
        server.shutdown()


def test_it_goes_to_log_file_and_address_once_an_hour(
    sealed: pytest.MonkeyPatch,
    collector: tuple[str, list[bytes]],
    settings: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address, taken = collector
    settings.AUDIT_HEAD_FILE, settings.AUDIT_HEAD_URL = str(tmp_path / "heads"), address
    with caplog.at_level(logging.INFO, "secretary.audit_head"):
        tasks.export_audit_head()
        tasks.export_audit_head()
    [head] = read_heads((tmp_path / "heads").read_text())
    assert [json.loads(each)["position"] for each in taken] == [1] == [head.position]
    assert read_heads(caplog.text) == [head]
    sealed.setattr(database_clock, "now", lambda: MORNING + timedelta(hours=1))
    tasks.export_audit_head()
    assert len(read_heads((tmp_path / "heads").read_text())) == 2


def test_the_log_line_of_production_is_read_back_whatever_digits_are_in_it(sealed: pytest.MonkeyPatch) -> None:
    heads = []
    for digits in ("0101234567890101234567", "8503141234567"):
        line = f'{{"position": 1, "hash": "{":".join([digits[:4], digits[4:8], digits[8:12], "beef"])}", "count": 1, '
        line += '"at": "2026-03-02T10:00:00+09:00"}'
        record = logging.LogRecord("secretary.audit_head", logging.INFO, "", 0, "audit head %s", (line,), None)
        PersonalDataFilter().filter(record)
        heads += read_heads(LineFormatter(json=True).format(record))
    assert [head.hash[-4:] for head in heads] == ["beef", "beef"]


def test_a_place_that_does_not_take_it_raises_an_alarm(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_HEAD_FILE, settings.AUDIT_HEAD_URL = str(tmp_path), "http://127.0.0.1:9/"
    tasks.export_audit_head()
    alarm = Alarm.objects.get(kind="audit_head")
    assert "AUDIT_HEAD_FILE" in alarm.message and "AUDIT_HEAD_URL" in alarm.message


def test_lines_that_wait_too_long_for_their_seal_raise_an_alarm(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "link_audit", lambda: 0)  # as when the linker fails
    settings.AUDIT_SEAL_ALARM_MINUTES = -1
    record_audit(now=MORNING, actor="staff:1", action="looked at")
    tasks.link_audit_trail()
    assert Alarm.objects.get().kind == "audit_unsealed"


def test_production_is_warned_where_no_other_place_is_named(settings: Any) -> None:
    assert [warning.id for warning in check_place()] == ["secretary.W041"]
    settings.AUDIT_HEAD_FILE = "/srv/heads"
    assert check_place() == []
