#!/bin/sh
# holidays 0.109: asking for one country's holidays loads the modules of all countries. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check holidays==0.109
"$work/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import holidays


def countries():
    return {name for name in sys.modules if name.startswith("holidays.countries.")}


before = countries()
days = holidays.country_holidays("KR", years=2026)
after = countries()
print("holidays", version("holidays"))
print(f"modules of countries: {len(before)} after the import, {len(after)} after country_holidays('KR'), {len(days)} days")
assert "holidays.countries.south_korea" in after
assert not before, "it changed: countries are loaded with the package"
assert len(after) > 200, "it changed: only what is asked for is loaded"
PYTHON
