"""What really runs: modules with a function that was called, and the tables that each module's SQL writes or reads.

Observed, and not read out of the imports: an import says what a module may need, a call says what the job needs.
"""

import inspect
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from celery.signals import before_task_publish
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.plugin import ROOT

APPS = ("citizens", "payments", "notifications", "subscriptions")
MAKES = re.compile(r'\bINSERT INTO\s+"?([a-z]+_[a-z_]+)')
MOVES = re.compile(r'\b(?:UPDATE|DELETE FROM)\s+(?:ONLY\s+)?"?([a-z]+_[a-z_]+)')
READS = re.compile(r'\b(?:FROM|JOIN)\s+(?:ONLY\s+)?"?([a-z]+_[a-z_]+)')
PREPARE = re.compile(r"\bPREPARE (\w+) .*? AS (.*)", re.S)
EXECUTE = re.compile(r"\bEXECUTE (\w+)")
_prepared: dict[str, str] = {}  # name → statement


@cache
def module_of(filename: str) -> str:
    """The dotted name of a module of ours; "" for others."""
    path = Path(filename)
    if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in ("secretary", *APPS):
        return ""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_of_the_job(module: str) -> bool:
    """Whether a module does the job: one of the three apps, and no model."""
    parts = module.split(".")
    return parts[0] in APPS and "models" not in parts


@dataclass
class Phase:
    """One request or task of a job."""

    name: str
    modules: dict[str, None] = field(default_factory=dict)  # in the order in which they first ran
    makes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # table → modules that insert
    moves: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # … that update or delete
    reads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    enqueues: set[str] = field(default_factory=set)


@dataclass
class Job:
    """The phases of one run, in order."""

    phases: list[Phase] = field(default_factory=list)

    @property
    def modules(self) -> set[str]:
        return {module for phase in self.phases for module in phase.modules}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        phase = next((each for each in self.phases if each.name == name), None)
        if phase is None:
            self.phases.append(phase := Phase(name))
        with _profiled(phase), _watched(_sql_of(phase)), _enqueued_by(phase):
            yield


@contextmanager
def _profiled(phase: Phase) -> Iterator[None]:
    def called(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code  # the bodies of modules and classes run at the import, and are no calls
        if event == "call" and code.co_flags & inspect.CO_OPTIMIZED and (module := module_of(code.co_filename)):
            phase.modules.setdefault(module)

    before = sys.getprofile()
    threading.setprofile(called)  # for threads that begin now
    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


@contextmanager
def _watched(execute: Callable[..., Any]) -> Iterator[None]:
    """Every statement of this thread, and of threads that connect meanwhile, goes through `execute`."""

    def connected(connection: BaseDatabaseWrapper, **_: object) -> None:
        connection.execute_wrappers.append(execute)

    connection_created.connect(connected)
    try:
        with connection.execute_wrapper(execute):
            yield
    finally:
        connection_created.disconnect(connected)


def _sql_of(phase: Phase) -> Callable[..., Any]:
    def execute(run: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if module := _caller():
            text = _whole(str(sql))
            for pattern, found in ((MAKES, phase.makes), (MOVES, phase.moves), (READS, phase.reads)):
                for table in pattern.findall(text):
                    found[table].add(module)
        return run(sql, params, many, context)

    return execute


def _whole(sql: str) -> str:
    """A statement that is prepared once and then executed by its name says only the first time what it does."""
    if prepared := PREPARE.search(sql):
        _prepared[prepared[1]] = prepared[2]
    executed = EXECUTE.search(sql)
    return _prepared.get(executed[1], sql) if executed else sql


def _caller() -> str:
    """The innermost module on the stack that does the job, and not the kernel's or a model's on its behalf."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if is_of_the_job(module := module_of(frame.f_code.co_filename)):
            return module
        frame = frame.f_back
    return ""


@contextmanager
def _enqueued_by(phase: Phase) -> Iterator[None]:
    def published(sender: str = "", **_: object) -> None:
        phase.enqueues.add(sender)

    before_task_publish.connect(published)
    try:
        yield
    finally:
        before_task_publish.disconnect(published)
