#!/bin/sh
# solapi 5.0.3: a scheduled time without an offset is local time with a space in it, and UTC with a "T": nine hours in Seoul.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check solapi==5.0.3
TZ=Asia/Seoul "$work/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

from solapi.lib.string_date_transfer import format_with_transfer

given = ["2026-12-01 09:00:00", datetime(2026, 12, 1, 9), "2026-12-01T09:00:00"]
sent = [format_with_transfer(value) for value in given]
print("solapi", version("solapi"), "in the zone Asia/Seoul")
for value, result in zip(given, sent, strict=True):
    print(f"scheduled_date={value!r} is sent as {result}")
assert sent == ["2026-12-01T09:00:00+09:00", "2026-12-01T09:00:00+09:00", "2026-12-01T18:00:00+09:00"], "it changed"
PYTHON
