"""Read and write files of template codes: which text a provider has approved under which code."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from secretary.kernel.korean.korean import clean_line

COLUMNS = ("data_type", "stage", "language", "channel", "provider", "code")
TEXT = "text"  # the key of a text without some of its lines (`Variant.key`); empty or no such column: the main text
MOST_LINES, MOST_CHARS = 5000, 1_000_000


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the file, as it was typed; `number` as an editor counts it."""

    number: int
    data_type: str
    stage: str
    language: str
    channel: str
    provider: str
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps the file from being loaded, and the remedy. `number`: of the line, 0 of the whole file."""

    number: int
    message: str

    def __str__(self) -> str:
        return (
            _("Line %(line)d: %(message)s") % {"line": self.number, "message": self.message}
            if self.number
            else self.message
        )


def read_lines(content: str) -> tuple[list[CodeLine], list[Problem]]:
    """Return the lines of a CSV file with a head line, and what cannot be read of it."""
    if len(content) > MOST_CHARS or content.count("\n") > MOST_LINES:
        return [], [Problem(0, _("A file has %(most)d lines at most. Please divide it.") % {"most": MOST_LINES})]
    try:
        rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), strict=True))
    except csv.Error:
        return [], [Problem(0, _("This is no CSV file. Save the table as CSV in UTF-8."))]
    head = [clean_line(name).lower() for name in rows[0]] if rows else []
    if set(COLUMNS) - set(head) or len(set(head)) != len(head):
        columns = {"columns": ", ".join((*COLUMNS, TEXT))}
        return [], [Problem(0, _("The first line names each of these columns once: %(columns)s.") % columns)]
    lines: list[CodeLine] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(head):
            problems.append(Problem(number, _("It has more or fewer cells than the first line.")))
            continue
        cells = {name: clean_line(cell) for name, cell in zip(head, row, strict=True)}
        lines.append(CodeLine(number, **{name: cells[name] for name in COLUMNS}, text=cells.get(TEXT, "")))
    return lines, problems


def write_lines(lines: Iterable[CodeLine]) -> str:
    """Return the file that `read_lines` reads, sorted as given."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS, TEXT))
    writer.writerows([*(getattr(line, name) for name in COLUMNS), line.text] for line in lines)
    return out.getvalue()
