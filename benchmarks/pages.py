"""Measure every page that a citizen opens, over HTTP from the web process, with `size` notices, MINE of them theirs.

All pages are walked in turn, round after round, so that what else the machine does meets all of them. Above SMALL there
are two databases, of SMALL notices and of `size`, that are walked in turns.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from django.db import connections

from benchmarks.rig import cpu
from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.counting import totals
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import described, servers
from benchmarks.rig.ready import settle
from benchmarks.rig.walk.browsers import session_keys
from benchmarks.rig.walk.citizen_pages import PAGES
from benchmarks.rig.walk.crowd import make_crowd
from benchmarks.rig.walk.fetch import Visit, fetch, first_load
from benchmarks.rig.walk.reader import LEFT_OUT, Reader, make_reader
from secretary.kernel.time import clock

MINE, SMALL = 2000, 10_000
OPEN = 100  # records of the reader's, half of them with a bill: the others are completed
ROUNDS, REQUESTS = 5, 10  # of each page in each round
# All that release 148511c's own `pages` walked: to compare with it, in turns.
FORMER = ("/", "/sign-up/", "/officials/login/", "/api/agencies/", "/healthz")


@dataclass(slots=True)
class Walked:
    """One page. `cpu_ms`: of each round, by request."""

    visit: Visit
    size: int = 0
    statements: float = 0.0
    cpu_ms: list[float] = field(default_factory=list)


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    small = min(size, SMALL)
    reader = populate(small)
    keys = session_keys(reader, now=clock.now())
    walks: dict[str, list[Walked]] = {}
    if size > small:
        connections.close_all()
        environment.copy_database()
        make_crowd(reader=reader, first=small, count=size - small, now=clock.now())
        settle()
        walks["web-of-copy"] = _visits(environment.start_web_of_copy(), reader, keys)
    environment.start_web()
    walks["web"] = _visits(environment.web_port, reader, keys)
    for walk in walks.values():
        _warm_up(environment, walk)
    for number in range(ROUNDS):
        for web in sorted(walks, reverse=bool(number % 2)):
            _walk(environment, web, walks[web])
    return _report(walks["web"], walks.get("web-of-copy"))


def populate(notices: int) -> Reader:
    """Let the reader's notices arrive, and then those of others."""
    now, mine = clock.now(), min(MINE, notices)
    kinds = [kind for kind in announced_types() if kind.code != LEFT_OUT]
    reader = make_reader(kinds=kinds, left_out=LEFT_OUT, notices=mine, still_open=OPEN, now=now)
    make_crowd(reader=reader, first=0, count=notices - mine, now=now)
    settle()
    return reader


def _visits(port: int, reader: Reader, keys: Mapping[str, str]) -> list[Walked]:
    pages = [Visit(port, page.path(reader), keys[page.browser], page.form(reader)) for page in PAGES]
    return [Walked(visit) for visit in (*pages, *(Visit(port, path) for path in FORMER))]


def _warm_up(environment: Environment, walk: list[Walked]) -> None:
    """Let both processes compile templates and prepare statements; look at what does not change from round to round."""
    for each in walk:
        for _ in range(REQUESTS):
            fetch(each.visit)
        each.size = first_load(each.visit)
        before = totals(environment.counters)["statements"]
        for _ in range(REQUESTS):
            fetch(each.visit)
        each.statements = (totals(environment.counters)["statements"] - before) / REQUESTS


def _walk(environment: Environment, web: str, walk: list[Walked]) -> None:
    ours = (environment.processes[web].pid, *servers().values())
    for each in walk:
        before = sum(map(cpu.tree, ours))
        for _ in range(REQUESTS):
            fetch(each.visit)
        each.cpu_ms.append((sum(map(cpu.tree, ours)) - before) * 1000 / REQUESTS)


def _report(walk: list[Walked], smaller: list[Walked] | None) -> dict[str, Any]:
    pages, former = walk[: len(PAGES)], walk[len(PAGES) :]
    figures: dict[str, Any] = {
        "mine": MINE,
        "pages": len(pages),
        "cpu_ms_per_page": _cpu(pages),
        "cpu_ms_per_page_of_148511c": _cpu(former),
        "most_kilobytes": round(max(each.size for each in pages) / 1000, 1),
        "most_statements": max(each.statements for each in pages),
    }
    if smaller is not None:
        figures[f"cpu_ms_per_page_at_{SMALL}"] = _cpu(smaller[: len(PAGES)])
        figures["growth_percent"] = round(_growth(pages, smaller[: len(PAGES)]), 1)
    for nth, each in enumerate(walk):
        name = f"{'POST ' if each.visit.form is not None else ''}{each.visit.path}"
        line = f"{fmean(each.cpu_ms):6.2f} ms {each.statements:5.1f} statements {each.size / 1000:6.1f} kB  {name}"
        print(f"{line}  ({fmean(smaller[nth].cpu_ms):.2f} ms)" if smaller else line, file=sys.stderr)
    return figures | described()


def _cpu(walk: list[Walked]) -> float:
    """Return milliseconds per page: the median of the rounds."""
    return round(median(fmean(each) for each in zip(*(page.cpu_ms for page in walk), strict=True)), 3)


def _growth(walk: list[Walked], smaller: list[Walked]) -> float:
    """Return by how many percent a page costs more: the median of the rounds, each with the other database's."""
    rounds = zip(*(page.cpu_ms for page in walk), strict=True)
    before = zip(*(page.cpu_ms for page in smaller), strict=True)
    return float(median(100 * (sum(now) / sum(then) - 1) for now, then in zip(rounds, before, strict=True)))
