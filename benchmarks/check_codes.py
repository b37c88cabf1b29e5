"""Measure whether the check of a notice answers a code of ours and an invented one in the same time, over HTTP.

Both in turns, with `size` notices in the database: what a stopwatch would see from outside. An invented code has a
right check letter, as one who knows the format would guess it.
"""

import random
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from benchmarks.pages import populate
from benchmarks.rig.environment import Environment
from benchmarks.rig.measure import described
from benchmarks.rig.walk.fetch import Visit, fetch
from notifications.delivery.check_codes import ALPHABET, LONG, Mistyped, check_codes, read_code
from notifications.models import Notice

TURNS, WARM_UP = 1000, 50
SEED = 1


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    reader = populate(size)
    notices = Notice.objects.filter(citizen=reader.citizen).order_by("-pk").values_list("pk", flat=True)
    ours = check_codes(list(notices[:TURNS]))
    invented = _invented()
    environment.start_web()
    took: dict[str, list[float]] = {"ours": [], "invented": []}
    for turn in range(-WARM_UP, TURNS):
        for kind, code in (("ours", ours[turn % len(ours)]), ("invented", next(invented))):
            visit = Visit(environment.web_port, "/verify/", form={"code": code})
            began = time.perf_counter()
            fetch(visit)
            if turn >= 0:
                took[kind].append(time.perf_counter() - began)
    figures = {f"{kind}_median_ms": round(median(values) * 1000, 3) for kind, values in took.items()}
    figures |= {f"{kind}_p95_ms": round(quantiles(values, n=20)[-1] * 1000, 3) for kind, values in took.items()}
    apart = median(took["ours"]) / median(took["invented"])
    return {"turns": TURNS, **figures, "ours_to_invented": round(apart, 3)} | described()


def _invented() -> Iterator[str]:
    chance = random.Random(SEED)
    while True:
        begun = "".join(chance.choices(ALPHABET, k=LONG - 1))
        yield next(begun + last for last in ALPHABET if _is_code(begun + last))


def _is_code(typed: str) -> bool:
    try:
        read_code(typed)
    except Mistyped:
        return False
    return True
