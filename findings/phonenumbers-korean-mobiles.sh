#!/bin/sh
# phonenumbers 9.0.43: one pattern for all Korean mobile numbers, and letters are dialled. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43
"$work/venv/bin/python" - <<'PYTHON'
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

SEEN = {  # what was typed → how it is written out; all of them "valid" and "mobile"
    "010-0000-0001": "010-0000-0001",  # as numbers are: eight digits after 010
    "010-2345-678": "010-234-5678",  # a digit short
    "010-CALL-0001": "010-2255-0001",  # letters become the digits of their keys
    "012-345-6789": "012-345-6789",  # a prefix that no mobile has
}
print("phonenumbers", phonenumbers.__version__)
for typed, written in SEEN.items():
    number = phonenumbers.parse(typed, "KR")
    valid, kind = phonenumbers.is_valid_number(number), phonenumbers.number_type(number)
    shown = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    print(f"{typed:14} valid={valid} mobile={kind == PhoneNumberType.MOBILE} written {shown}")
    assert (valid, kind, shown) == (True, PhoneNumberType.MOBILE, written), f"it changed for {typed}"
PYTHON
