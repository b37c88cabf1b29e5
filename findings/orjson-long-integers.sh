#!/bin/sh
# orjson 3.13.0: an integer of more than 64 bits is read as a float, and its last digits are gone. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check orjson==3.13.0
"$work/venv/bin/python" - <<'PYTHON'
import json
from importlib.metadata import version

import orjson

bills = ["18446744073709551615", "18446744073709551616", "20261128000000000001", "20261128000000000002"]
print("orjson", version("orjson"))
for written in bills:
    theirs, ours = orjson.loads(written), json.loads(written)
    print(f"{written} → {theirs!r} ({type(theirs).__name__}); json: {ours!r}")
read = [orjson.loads(written) for written in bills]
assert [json.loads(written) for written in bills] == [int(written) for written in bills]
assert [type(number) for number in read] == [int, float, float, float], "it changed"
assert read[2] == read[3], "it changed: two numbers stay two"
try:
    orjson.dumps(int(bills[2]))
except TypeError as refused:
    print("written the other way round it is refused:", refused)
else:
    raise SystemExit("it changed: orjson writes what it cannot read back")
PYTHON
