#!/bin/sh
# Django 5.2.19 in Korean: the half of the day stands before the hour alone, and after it beside a date. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime

import django
from django import forms
from django.conf import settings
from django.utils.formats import date_format

settings.configure(LANGUAGE_CODE="ko", TIME_ZONE="Asia/Seoul")
django.setup()


class Day(forms.Form):
    day = forms.DateField()


SHOWN = {
    "TIME_FORMAT": "오전 12:05",
    "DATETIME_FORMAT": "2026년 12월 1일 12:05 오전",  # in Korean 오전 comes first, as in the line above
    "SHORT_DATE_FORMAT": "2026-12-1",
    "SHORT_DATETIME_FORMAT": "2026-12-1 00:05",
}
# The form of dates in official documents (행정업무의 운영 및 혁신에 관한 규정 §7⑤) is no way to type one; the American is.
TYPED = {"2026. 12. 1.": False, "2026.12.1.": False, "2026/12/01": False, "12/01/26": True}
print("Django", django.__version__)
for name, seen in SHOWN.items():
    shown = date_format(datetime(2026, 12, 1, 0, 5), name)
    print(f"{name:22} {shown}")
    assert shown == seen, f"it changed: {name}"
for typed, seen in TYPED.items():
    valid = Day({"day": typed}).is_valid()
    print(f"typed {typed:16} {'taken' if valid else 'refused'}")
    assert valid == seen, f"it changed: {typed}"
PYTHON
