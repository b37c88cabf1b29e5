#!/bin/sh
# openpyxl 3.1.5 opens a workbook of the strict kind (ISO/IEC 29500-1, "Strict Open XML" in Excel's list of file types)
# without an error, as one that has no sheet; python-calamine 0.9.1 reads it.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$work/venv/bin/python" -W ignore::UserWarning - <<'PYTHON'
import io
import zipfile
from importlib.metadata import version

import openpyxl
from python_calamine import CalamineWorkbook

MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def links(kind, target):
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{LINKS}/{kind}" Target="{target}"/></Relationships>'
    )


parts = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": links("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}" conformance="strict">'
        '<sheets><sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": links("worksheet", "worksheets/sheet1.xml"),
    "xl/worksheets/sheet1.xml": (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData></worksheet>'
    ),
}
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as book:
    for name, text in parts.items():
        book.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text)

read = openpyxl.load_workbook(io.BytesIO(file.getvalue())).sheetnames
other = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
print("openpyxl", version("openpyxl"), "sheets of a strict workbook:", read)
print("python-calamine", version("python-calamine"), other.sheet_names, other.get_sheet_by_index(0).to_python())
assert read == [], "it changed"
assert other.get_sheet_by_index(0).to_python() == [[5.0]]
PYTHON
