"""Write workbooks as different programs do: usual ones, strict ones (ISO 29500), ones with prefixes."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EPOCH = date(1899, 12, 30)
Value = str | int | date


def workbook(
    *rows: Sequence[Value],
    main: str = TRANSITIONAL,
    prefix: str = "",
    iso_days: bool = False,
    day_format: int = 14,
    more: Mapping[str, str | bytes] = {},
    sheet: str = "",
) -> bytes:
    """`iso_days`: days as ISO text, as strict files have them. `day_format`: number of a built-in format.

    `more`: further or other parts. `sheet`: XML of rows.
    """
    at = f"{prefix}:" if prefix else ""
    declared = f'xmlns:{prefix}="{main}"' if prefix else f'xmlns="{main}"'
    office = RELATIONS if main == TRANSITIONAL else "http://purl.oclc.org/ooxml/officeDocument/relationships"
    cells = sheet or "".join(_row(number, row, at, iso_days) for number, row in enumerate(rows, start=1))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{office}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<{at}workbook {declared} xmlns:r="{office}"><{at}sheets><{at}sheet name="명단" sheetId="1"'
        f' r:id="r1"/></{at}sheets></{at}workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1"'
        f' Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles"'
        ' Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<{at}styleSheet {declared}><{at}cellXfs><{at}xf numFmtId="0"/>'
        f'<{at}xf numFmtId="{day_format}"/></{at}cellXfs></{at}styleSheet>',
        "xl/worksheets/sheet1.xml": f"<{at}worksheet {declared}><{at}sheetData>{cells}</{at}sheetData></{at}worksheet>",
    }
    return packed({**parts, **more})


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return content.getvalue()


def _row(number: int, row: Sequence[Value], at: str, iso_days: bool) -> str:
    cells = "".join(_cell(f"{chr(65 + place)}{number}", value, at, iso_days) for place, value in enumerate(row))
    return f'<{at}row r="{number}">{cells}</{at}row>'


def _cell(place: str, value: Value, at: str, iso_days: bool) -> str:
    if isinstance(value, str):
        return f'<{at}c r="{place}" t="inlineStr"><{at}is><{at}t>{escape(value)}</{at}t></{at}is></{at}c>'
    if isinstance(value, date) and iso_days:
        return f'<{at}c r="{place}" s="1" t="d"><{at}v>{value.isoformat()}</{at}v></{at}c>'
    if isinstance(value, date):
        return f'<{at}c r="{place}" s="1"><{at}v>{(value - _EPOCH).days}</{at}v></{at}c>'
    return f'<{at}c r="{place}"><{at}v>{value}</{at}v></{at}c>'
