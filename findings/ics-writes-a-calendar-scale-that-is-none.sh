#!/bin/sh
# ics 0.7.3 writes CALSCALE:GEORGIAN into a calendar that it has read; RFC 5545 §3.7.1 knows GREGORIAN alone. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ics==0.7.3 icalendar==7.3.0
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import ics
from icalendar import Calendar

READ = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Dates//EN\r\n"
    "BEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20261130T000000Z\r\nDTSTART;VALUE=DATE:20261201\r\nSUMMARY:Due\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
written = ics.Calendar(READ).serialize()
print("ics", version("ics"), "writes what it has read:")
print(written)
scale = str(Calendar.from_ical(written)["CALSCALE"])
assert scale == "GEORGIAN", f"it changed: {scale}"
PYTHON
