#!/bin/sh
# Django 5.2.19: parse_datetime takes a day for the instant at which it begins, and any character for the T.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime

import django
from django.utils.dateparse import parse_datetime

SEEN = {
    "2026-12-01T14:00": datetime(2026, 12, 1, 14),
    "2026-12-01": datetime(2026, 12, 1, 0, 0),  # its description: None is returned where it is not well formatted
    "20261201": datetime(2026, 12, 1, 0, 0),
    "2026-W49-2": datetime(2026, 12, 1, 0, 0),
    "2026-12-01914:00": datetime(2026, 12, 1, 14),
    "2026-12-01 오후 2:00": None,
}
print("Django", django.__version__)
for text, seen in SEEN.items():
    read = parse_datetime(text)
    print(f"{text:20} {read}")
    assert read == seen, f"it changed: {text}"
PYTHON
