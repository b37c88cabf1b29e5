#!/bin/sh
# dateparser 1.5.0, told that the text is Korean, reads a day without a year as a time of day (12. 31. is 12:31 today) or as
# a year and a month (12. 1. is January 2012).
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dateparser==1.5.0
"$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import dateparser

NOW = {"RELATIVE_BASE": datetime(2026, 11, 2, 9)}
SEEN = {
    "2026. 12. 1.": "2026-12-01 00:00:00",  # as official documents write days (행정업무의 운영 및 혁신에 관한 규정 §7⑤)
    "3. 4.": "2026-03-04 00:00:00",
    "12월 31일": "2026-12-31 00:00:00",
    "12. 31.": "2026-11-02 12:31:00",  # the same day, as the first two are written
    "12. 1.": "2012-01-02 00:00:00",
}
print("dateparser", version("dateparser"), "on 2 November 2026")
for text, seen in SEEN.items():
    read = dateparser.parse(text, languages=["ko"], settings=NOW)
    print(f"{text} → {read}")
    assert str(read) == seen, f"it changed: {text}"
PYTHON
