"""Alarms reach persons, by mail and by webhook on real sockets: once, in their language, and without personal data."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from notifications.alarm_messages import send_alarms as send_alarms_module
from notifications.alarm_messages.send_alarms import send_alarms
from notifications.alarm_words import WORDS
from notifications.alarms import raise_alarm
from notifications.models import Alarm, AlarmMessage
from notifications.tasks import send_all_alarms
from secretary.kernel.http.standard_webhooks import secret_bytes, verify
from secretary.kernel.models import AuditEvent
from secretary.ops.ping import check_who_hears, ping
from secretary.setting_groups.alarms import mail_server as settings_of_mail_server
from subscriptions.accounts import roles
from tests.notifications.cast import MORNING
from tests.plugin import ROOT
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.mail_server import MailServer, mail_server

pytestmark = pytest.mark.django_db
SECRET = "whsec_aW52ZW50ZWQtYnktdGhlLXRlc3RzLWFsYXJtLTAwMDE="


class Hook:
    """A webhook: its address, what was posted to it, and how it answers."""

    def __init__(self) -> None:
        self.address = ""
        self.status = 204
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.called = 0


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.posted.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(found.status)
            self.end_headers()

        def do_GET(self) -> None:
            found.called += 1
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        found.address = f"http://127.0.0.1:{server.server_port}/alarms"
        yield found
        server.shutdown()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(autouse=True)
def two_recipients(hook: Hook, mail: MailServer, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in {**settings_of(f"smtp://127.0.0.1:{mail.port}"), "DEFAULT_FROM_EMAIL": "ps@x.example"}.items():
        setattr(settings, name, value)
    settings.ALARM_WEBHOOK_SECRET = SECRET
    settings.ALARM_RECIPIENTS = [
        {"language": "ko", "way": "mail", "address": "ops@x.example"},
        {"language": "en", "way": "webhook", "address": hook.address},
    ]


def settings_of(url: str) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMTP_URL", url)
        return settings_of_mail_server("SMTP_URL")


def alarm(kind: str = "channel_paused", subject: str = "kakaotalk") -> None:
    raise_alarm(kind=kind, subject=subject, message="kakaotalk: 010-0000-0001 is not for mails", now=MORNING)


def later(**by: float) -> Any:
    return MORNING + timedelta(**by)


def test_an_alarm_is_sent_once_to_each_in_their_language_and_signed(hook: Hook, mail: MailServer) -> None:
    alarm()
    assert send_alarms(now=MORNING) == 2
    assert send_alarms(now=later(minutes=1)) == 0
    [letter], [(headers, body)] = mail.letters, hook.posted
    assert (letter["To"], letter["From"], letter["Auto-Submitted"]) == (
        "ops@x.example",
        "ps@x.example",
        "auto-generated",
    )
    assert str(letter["Subject"]).strip() == "[국민비서] 경보: 실패가 많아 채널이 자동 중지됨: 카카오톡"
    text = letter.get_content()
    assert "채널을 우회해 주세요" in text and f"/admin/notifications/alarm/{Alarm.objects.get().pk}/change/" in text
    verify(headers, body, [secret_bytes(SECRET)], MORNING)
    sent = json.loads(body)
    assert sent["type"] == "alarms" and sent["data"]["language"] == "en"
    [raised] = sent["data"]["raised"]
    assert (raised["kind"], raised["title"]) == ("channel_paused", "A channel was paused because too much of it failed")
    assert "010-0000-0001" not in text + body.decode()  # an alarm's own message stays behind the sign-in


def test_a_repeat_is_no_news_what_stays_open_is_repeated_and_its_end_is_sent(hook: Hook, mail: MailServer) -> None:
    alarm()
    send_alarms(now=MORNING)
    alarm()
    assert send_alarms(now=later(hours=11)) == 0
    assert send_alarms(now=later(hours=12)) == 2
    assert json.loads(hook.posted[-1][1])["data"]["still_open"][0]["times"] == 2
    assert send_alarms(now=later(hours=13)) == 0
    Alarm.objects.update(cleared_at=later(hours=13))
    assert send_alarms(now=later(hours=14)) == 2
    assert str(mail.letters[-1]["Subject"]).strip() == "[국민비서] 경보 종료"
    assert send_alarms(now=later(hours=40)) == 0
    alarm()  # raised anew
    alarm("clock", "worker-1")
    assert send_alarms(now=later(hours=41)) == 2
    assert str(mail.letters[-1]["Subject"]).strip() == "[국민비서] 경보 2건"


def test_what_was_not_accepted_is_sent_again_and_the_others_hear_that(hook: Hook, mail: MailServer) -> None:
    hook.status = 500
    alarm()
    assert send_alarms(now=MORNING) == 1
    assert send_alarms(now=later(minutes=1)) == 0
    assert len({headers["webhook-id"] for headers, _ in hook.posted}) == 1  # the same content: the same message
    assert not Alarm.objects.filter(kind="alarm_unsent").exists()
    send_alarms(now=later(minutes=6))
    assert send_alarms(now=later(minutes=7)) == 1
    assert "경보가 받는 곳 한 곳에 도착하지 않음 (recipient 2)" in mail.letters[-1].get_content()
    hook.status, mail.full = 204, True
    Alarm.objects.filter(kind="clock").delete()
    assert send_alarms(now=later(minutes=8)) == 1
    assert [each["kind"] for each in json.loads(hook.posted[-1][1])["data"]["raised"]] == ["channel_paused"]
    assert Alarm.objects.get(kind="alarm_unsent").cleared_at is not None
    mail.full = False
    assert send_alarms(now=later(minutes=9)) == 1
    assert AlarmMessage.objects.filter(ended_at=None, alarm__kind="channel_paused").count() == 2


def test_a_recipient_that_does_not_answer_stops_nothing(settings: Any, hook: Hook, mail: MailServer) -> None:
    settings.ALARM_RECIPIENTS = [
        {"language": "ko", "way": "webhook", "address": "http://127.0.0.1:9/alarms"},
        *settings.ALARM_RECIPIENTS,
    ]
    alarm()
    send_all_alarms()
    assert (len(mail.letters), len(hook.posted)) == (1, 1)


def test_silent_servers_keep_none_of_the_others_waiting_for_long(
    hook: Hook, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_alarms_module, "WORK_SECONDS", -1)  # as if the first had taken all of the time
    alarm()
    assert send_alarms(now=MORNING) == 0
    monkeypatch.setattr(send_alarms_module, "WORK_SECONDS", 30)
    tried: list[str] = []

    def silent(recipient: Any, *_: object) -> bool:
        tried.append(recipient.way)
        return False

    monkeypatch.setattr(send_alarms_module, "_send", silent)
    send_alarms(now=later(minutes=1))
    send_alarms(now=later(minutes=2))
    assert sorted(tried[:2]) == sorted(tried[2:]) and tried[:2] == tried[2:][::-1]


def test_the_command_and_the_button_test_all_recipients(hook: Hook, mail: MailServer, settings: Any) -> None:
    out = StringIO()
    call_command("send_test_alarm", stdout=out)
    assert out.getvalue().splitlines() == ["1 mail ko: accepted", "2 webhook en: accepted"]
    assert str(mail.letters[0]["Subject"]).strip() == "[국민비서] 경보 시험"
    hook.status = 403
    with pytest.raises(CommandError, match="not all"):
        call_command("send_test_alarm", stdout=StringIO())
    hook.status = 204
    operator = staff_client("operator")
    fill_in(operator, "/admin/notifications/alarm/test/", reason="교대 전 시험")
    test = Alarm.objects.get(kind="test")
    send_alarms(now=test.raised_at)
    page = operator.get(f"/admin/notifications/alarm/{test.pk}/change/").content.decode()
    assert "받는 곳 1 (메일): " in page and "시험입니다" in page
    assert AuditEvent.objects.filter(action="alarms tested", reason="교대 전 시험").exists()
    settings.ALARM_RECIPIENTS = []
    with pytest.raises(CommandError, match="no person hears"):
        call_command("send_test_alarm")
    assert [each.id for each in check_who_hears()] == ["secretary.W042", "secretary.W043"]


def test_a_reader_cannot_test_the_alarms() -> None:
    reader: Client = staff_client("reader", roles.READER)
    assert reader.get("/admin/notifications/alarm/test/").status_code == 403
    assert "test/" not in reader.get("/admin/notifications/alarm/").content.decode()


def test_the_monitor_is_called_and_its_failure_is_nothing_to_us(hook: Hook, settings: Any) -> None:
    assert not ping()
    settings.BEAT_PING_URL = hook.address
    assert ping() and hook.called == 1
    hook.status = 503
    assert not ping()
    settings.BEAT_PING_URL = "http://127.0.0.1:9/"
    assert not ping()


def test_every_kind_has_words_in_both_languages_and_a_row_in_the_documents() -> None:
    raised = set()
    for app in ("subscriptions", "notifications", "payments", "citizens", "secretary"):
        for file in (ROOT / app).rglob("*.py"):
            raised |= set(re.findall(r'raise_alarm\(\s*kind="(\w+)"', file.read_text()))
    assert len(raised) > 40
    rows = set(re.findall(r"`(\w+)`", (ROOT / "docs/operations.md").read_text()))
    assert not raised - set(WORDS)
    assert not set(WORDS) - rows
    for words in WORDS.values():
        for text in words:
            with translation.override("ko"):
                korean = str(text)
            with translation.override("en"):
                assert korean != str(text)
