"""Measure the first pages that visitors open, over HTTP from the web process, one visitor after the other."""

import http.client
import time
from typing import Any

from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import Stretch, percentile

PATHS = ("/", "/sign-up/", "/officials/login/", "/api/agencies/", "/healthz")


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    environment.start_web()
    for path in PATHS:
        _get(environment, path, 20)  # templates are compiled in both processes
    pages = {}
    stretch = Stretch(environment)
    for path in PATHS:
        seconds = _get(environment, path, size)
        pages[path] = {"p50_ms": percentile(seconds, 0.5), "p95_ms": percentile(seconds, 0.95)}
    stretch.end()
    return stretch.report(size * len(PATHS), pages=pages)


def _get(environment: Environment, path: str, times: int) -> list[float]:
    """Seconds of each of `times` requests, each on a connection of its own as a browser's first."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", environment.web_port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status >= 400:
            raise SystemExit(f"{path} answers {answer.status}")
        seconds.append(time.perf_counter() - began)
    return seconds
