#!/bin/sh
# openpyxl 3.1.5: a date in one of the built-in formats that Korean Excel has beside the English ones (ECMA-376 part 1,
# 18.8.30: 27 to 36 and 50 to 58, such as 31, yyyy"년" mm"월" dd"일") is read as a plain number; python-calamine 0.9.1
# reads the date.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1
"$work/venv/bin/python" - <<'PYTHON'
import io
import zipfile
from datetime import date
from importlib.metadata import version

from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

BORN = date(1940, 3, 14)
NAME, KOREAN_DATES = "xl/styles.xml", (27, 30, 31, 34, 35, 36, 50, 57, 58)


def workbook(number_format):
    """A workbook with one date, whose cell names a built-in format by its number."""
    book, plain, named = Workbook(), io.BytesIO(), io.BytesIO()
    book.active["A1"] = BORN
    book.active["A1"].number_format = "mm-dd-yy"  # which is number 14
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(named, "w") as new:
        for part in old.namelist():
            content = old.read(part).decode()
            if part == NAME:
                assert content.count('numFmtId="14"') == 1
                content = content.replace('numFmtId="14"', f'numFmtId="{number_format}"')
            new.writestr(part, content)
    named.seek(0)
    return named


def read(content):
    by_calamine = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()[0][0]
    return load_workbook(content).active["A1"].value, by_calamine


print("openpyxl", version("openpyxl"), "python-calamine", version("python-calamine"))
first, _ = read(workbook(14))
assert first.date() == BORN
print("format 14:", first)
for number in KOREAN_DATES:
    openpyxls, calamines = read(workbook(number))
    print(f"format {number}: openpyxl {openpyxls!r}, calamine {calamines!r}")
    assert calamines == BORN
    assert openpyxls == 14684, "it changed"
PYTHON
