"""Print the table of faults after the tests: what was injected, and what came of the notices.

./test --faults loads it (-p tests.faults.report).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.rig.figures import Figures

MATRIX = re.compile(r"Fault matrix ([\d, and]+\d|\d+)")
HEAD = "| row | injected | notices | finished | review | unknown | duplicates | s until clear | result |"


@dataclass
class Row:
    matrix: str  # rows of the fault matrix
    injected: str
    figures: Figures | None
    passed: bool

    def line(self) -> str:
        figures = self.figures or Figures()
        counted = (figures.notices, figures.finished, figures.review, figures.unknown, figures.duplicates)
        seconds = "–" if figures.seconds is None else f"{figures.seconds:.1f}"
        cells = [self.matrix, figures.injected or self.injected, *("–" if n is None else f"{n:,}" for n in counted)]
        return "| " + " | ".join([*cells, seconds, "held" if self.passed else "BROKEN"]) + " |"


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Function, call: Any) -> Iterator[None]:
        report: Any = yield
        if call.when == "call" and not report.skipped:
            self.rows.append(_row(item, report.passed))
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line("")
        for line in (HEAD, "|---" * HEAD.count(" | ") + "|---|", *(row.line() for row in self.rows)):
            terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Table(), "table of faults")


def _row(item: pytest.Function, passed: bool) -> Row:
    words = f"{item.function.__doc__ or ''} {item.module.__doc__ or ''}"
    found = MATRIX.search(words)
    name = item.originalname.removeprefix("test_").replace("_", " ")
    variant = f" ({item.callspec.id})" if hasattr(item, "callspec") else ""
    kept = (getattr(value, "figures", None) for value in item.funcargs.values())  # a service has them
    figures = next((each for each in kept if isinstance(each, Figures)), None)
    return Row(found[1] if found else "", f"{name}{variant}", figures, passed)
