#!/bin/sh
# babel 2.19.0 writes a Korean time and reads it back without its half of the day: 오후 2:30 is 02:30.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0
"$work/venv/bin/python" - <<'PYTHON'
from datetime import time

import babel
from babel.dates import format_time, parse_time

SEEN = {
    time(14, 30): ("오후 2:30", time(2, 30)),
    time(0, 5): ("오전 12:05", time(12, 5)),
    time(9): ("오전 9:00", time(9)),
}
print("babel", babel.__version__)
for at, seen in SEEN.items():
    written = {language: format_time(at, "short", locale=language) for language in ("ko", "en")}
    read = {language: parse_time(text, locale=language, format="short") for language, text in written.items()}
    print(f"{at:%H:%M} is written {written['ko']} and read {read['ko']:%H:%M}; in English read {read['en']:%H:%M}")
    assert read["en"] == at
    assert (written["ko"], read["ko"]) == seen, "it changed"
PYTHON
