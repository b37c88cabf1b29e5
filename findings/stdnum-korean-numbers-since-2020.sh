#!/bin/sh
# python-stdnum 2.2 refuses resident registration numbers of people born since October 2020. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2
"$work/venv/bin/python" - <<'PYTHON'
# Since 5 October 2020 a number holds birth date and sex, and no place or check digit any more (주민등록법 시행규칙 §2).
from collections import Counter

import stdnum
from stdnum.exceptions import ValidationError
from stdnum.kr import rrn


def answer(number: str) -> str:
    try:
        rrn.validate(number)
    except ValidationError as error:
        return type(error).__name__
    return "valid"


print("python-stdnum", stdnum.__version__)
SEEN = {"201105-3000001": "InvalidChecksum", "201105-4990000": "InvalidComponent"}
for number, seen in SEEN.items():
    print(number, answer(number))
    assert answer(number) == seen, f"it changed for {number}"
of_a_hundred = Counter(answer(f"201105-30000{last:02}") for last in range(100))
print("a hundred in a row:", dict(of_a_hundred))
assert of_a_hundred["valid"] < 12, "it changed: the check digit is not asked for any more"
PYTHON
