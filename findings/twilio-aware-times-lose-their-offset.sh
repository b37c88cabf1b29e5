#!/bin/sh
# twilio 9.13.0: an aware time is written by its wall clock with a "Z" behind it. In Seoul, messages "sent after" an
# instant are asked for from nine hours later, and what is to be sent at nine is sent at eighteen o'clock.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check twilio==9.13.0
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

asked = []


class Recorder(HttpClient):
    def __init__(self):
        pass

    def request(self, method, url, params=None, data=None, **_):
        asked.append(params or data)
        return Response(200, '{"messages": [], "meta": {"key": "messages"}, "sid": "SM0"}')


seoul = timezone(timedelta(hours=9))
nine = datetime(2026, 12, 1, 9, tzinfo=seoul)  # 00:00 UTC
client = Client("AC0", "token", http_client=Recorder())
client.messages.list(date_sent_after=nine)
client.messages.create(
    to="+821000000001", messaging_service_sid="MG0", body="안내", schedule_type="fixed", send_at=nine
)
client.messages.list(date_sent_after=nine.astimezone(timezone.utc))
listed, created, in_utc = asked
print("twilio", version("twilio"), "given", nine.isoformat())
print("messages.list(date_sent_after=…) asks for DateSent> =", listed["DateSent>"])
print("messages.create(send_at=…) sends SendAt =", created["SendAt"])
print("the same instant given in UTC:", in_utc["DateSent>"])
assert in_utc["DateSent>"] == "2026-12-01T00:00:00Z"
assert listed["DateSent>"] == created["SendAt"] == "2026-12-01T09:00:00Z", "it changed"
PYTHON
