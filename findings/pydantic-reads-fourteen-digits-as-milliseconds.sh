#!/bin/sh
# pydantic 2.14.3 reads the times of Korean public data, YYYYMMDDhhmmss without signs between, as milliseconds since 1970.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3
"$work/venv/bin/python" - <<'PYTHON'
from datetime import date, datetime
from importlib.metadata import version

from pydantic import BaseModel, ValidationError


class Notice(BaseModel):
    at: datetime


class Person(BaseModel):
    born: date


def read(model, name, text):
    try:
        return str(getattr(model.model_validate({name: text}), name))
    except ValidationError as error:
        return error.errors()[0]["type"]


SEEN = {
    ("at", "20261201090000"): "2612-01-20 15:24:50+00:00",  # nine o'clock on 1 December 2026
    ("at", "202612010900"): "1976-06-03 01:06:50.900000+00:00",  # the same, to the minute
    ("at", "20261201"): "1970-08-23 12:06:41+00:00",  # the day
    ("at", "2026-12-01 09:00"): "2026-12-01 09:00:00",
    ("born", "19400314"): "date_from_datetime_inexact",  # for a date the same is an error: that second is no midnight
}
print("pydantic", version("pydantic"))
for (name, text), seen in SEEN.items():
    answer = read(Notice if name == "at" else Person, name, text)
    print(f"{name} = {text!r:18} {answer}")
    assert answer == seen, "it changed"
PYTHON
