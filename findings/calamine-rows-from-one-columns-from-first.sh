#!/bin/sh
# python-calamine 0.9.1: iter_rows() begins at the sheet's first row but at the first column with a value; to_python()
# begins at the first value in both, or at A1 in both.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$work/venv/bin/python" - <<'PYTHON'
import io
from importlib.metadata import version

import openpyxl
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
book.active["C3"] = "value in C3"
file = io.BytesIO()
book.save(file)


def place(rows):
    """Row and column of the value, counted from 1."""
    return next((y, x) for y, row in enumerate(rows, 1) for x, cell in enumerate(row, 1) if cell)


sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
seen = {
    "iter_rows()": place(sheet.iter_rows()),
    "to_python()": place(sheet.to_python()),
    "to_python(skip_empty_area=False)": place(sheet.to_python(skip_empty_area=False)),
}
print("python-calamine", version("python-calamine"), "row and column of the only value, which is in C3 (3, 3):", seen)
assert list(seen.values()) == [(3, 1), (1, 1), (3, 3)], "it changed"
PYTHON
