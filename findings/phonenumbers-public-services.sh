#!/bin/sh
# phonenumbers 9.0.43 has some of the numbers of Korean public services, but not 126 (taxes), 131 (weather), 1372 (consumers)
# or 02-120 (Seoul); 031-120 (Gyeonggi) is valid.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43
"$work/venv/bin/python" - <<'PYTHON'
import phonenumbers
from phonenumbers import is_valid_number, parse
from phonenumbers.shortnumberinfo import is_valid_short_number_for_region


def valid(text: str) -> bool:
    number = parse(text, "KR")
    return is_valid_number(number) or is_valid_short_number_for_region(number, "KR")


SEEN = {
    "110": True,  # questions about the government
    "129": True,  # welfare
    "1345": True,  # foreign residents
    "1355": True,  # pensions
    "031-120": True,  # Gyeonggi Province
    "126": False,  # National Tax Service
    "131": False,  # weather
    "1372": False,  # consumers
    "02-120": False,  # Seoul
}
print("phonenumbers", phonenumbers.__version__)
for text, seen in SEEN.items():
    print(f"{text:8} {'valid' if valid(text) else 'not valid, neither as a number nor as a short one'}")
    assert valid(text) == seen, f"it changed: {text}"
PYTHON
