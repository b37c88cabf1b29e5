#!/bin/sh
# workalendar 17.0.0 takes substitute holidays (대체공휴일) in Korea for working days. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check workalendar==17.0.0
"$work/venv/bin/python" - <<'PYTHON'
# 관공서의 공휴일에 관한 규정 §3: where the day is a Saturday or a Sunday (of some a Sunday), the next working day is free.
from datetime import date
from importlib.metadata import version

from workalendar.asia import SouthKorea

SUBSTITUTES = {
    date(2026, 3, 2): "for 3·1절, a Sunday",
    date(2026, 8, 17): "for 광복절, a Saturday",
    date(2026, 10, 5): "for 개천절, a Saturday",
}
print("workalendar", version("workalendar"))
calendar = SouthKorea()
for day, why in SUBSTITUTES.items():
    print(day, why, "· working day:", calendar.is_working_day(day))
    assert calendar.is_working_day(day), f"it changed: {day} is a holiday now"
deadline = calendar.add_working_days(date(2026, 2, 27), 1)
print("the first working day after Friday, 27 February 2026:", deadline)
assert deadline == date(2026, 3, 2), "it changed: a deadline is moved to 3 March now"
PYTHON
