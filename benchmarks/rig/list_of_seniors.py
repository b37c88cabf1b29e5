"""Write a list of invented seniors as an office would, one row in a hundred with an error, as CSV and as XLSX."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from xml.sax.saxutils import escape

from secretary.kernel.korean.korean import Language
from subscriptions.registration.bulk.columns import Column
from subscriptions.registration.bulk.template_file import empty_list_xlsx

SURNAMES = "김이박최정강조윤장임한오서신권황안송류전"
GIVEN = [first + last for first in "영정순옥숙자미경희춘말복기상태" for last in "자숙희순옥자수철호길남식"]
FIRST_BIRTHDAY, DAYS = date(1930, 1, 1), 6997  # both primes, so that no two people share name and birth date
NAMES = 3593
WRONG = 100  # every so manieth row
SHEET = "xl/worksheets/sheet1.xml"


def people(count: int, *, first: int = 0) -> Iterator[list[str]]:
    """Yield rows in the order of the template's columns: all agree, and get text messages."""
    for number in range(first, first + count):
        name = SURNAMES[number % NAMES % len(SURNAMES)] + GIVEN[number % NAMES // len(SURNAMES) % len(GIVEN)]
        born = f"{FIRST_BIRTHDAY + timedelta(days=number % DAYS):%Y%m%d}"
        phone = f"010-{number // 10_000:04d}-{number % 10_000:04d}"
        row = [f"2026-{number:06d}", name, born, phone, "", "예", "예"]
        if number % WRONG == WRONG - 1:
            _spoil(row, number // WRONG)
        yield row


def _spoil(row: list[str], turn: int) -> None:
    """Make one of the mistakes that offices make."""
    column, value = [(2, row[2][2:]), (3, "02-000-0000"), (1, ""), (6, "아니오"), (3, row[3][:-2])][turn % 5]
    row[column] = value


def as_csv(columns: Sequence[Column], rows: Iterator[list[str]], *, codec: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[column.heading("ko") for column in columns], *rows])
    return text.getvalue().encode(codec)


def as_xlsx(columns: Sequence[Column], rows: Iterator[list[str]], language: Language = "ko") -> bytes:
    """Fill in the template, every value as text in the cell."""
    content, made = io.BytesIO(empty_list_xlsx(columns, language)), io.BytesIO()
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    with zipfile.ZipFile(content) as template, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as filled:
        for part in template.namelist():
            text = template.read(part).decode()
            filled.writestr(part, text.replace("</sheetData>", f"{cells}</sheetData>") if part == SHEET else text)
    return made.getvalue()


def _cell(value: str) -> str:
    return f'<c s="1" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else "<c/>"
