"""Run one benchmark at several sizes or with several latencies of the gateway, in turns: `python -m benchmarks series`.

`--sizes 20000,1000000` shows whether an item costs the same among many; `--latencies 0,50,200` what waiting for a
gateway costs. Each run is a process of its own with a fresh database, and its result is written down.
"""

import argparse
import json
import subprocess
import sys
from statistics import median
from typing import Any

from secretary.local.environment import ROOT
from secretary.local.files import LocalFailure

FIGURES = ("cpu_ms_per_item", "rate_per_second", "p95_from_intake_ms", "p95_ms", "wal_bytes_per_item")


def main(arguments: list[str]) -> int:
    """Each run to standard error, a table, and one JSON object at the end."""
    options = _parser().parse_args(arguments)
    sizes, latencies = _numbers(options.sizes) or [0], _numbers(options.latencies) or [0]
    runs: dict[tuple[int, int], list[dict[str, Any]]] = {}
    try:
        for _ in range(options.rounds):
            for size in sizes:
                for latency in latencies:
                    runs.setdefault((size, latency), []).append(_run(options, size, latency))
    except LocalFailure as failure:
        print(f"benchmarks: {failure}", file=sys.stderr)
        return 1
    rows = [_row(size, latency, reports) for (size, latency), reports in runs.items()]
    for row in rows:
        row["cpu_ratio_to_the_first"] = round(row["cpu_ms_per_item"] / rows[0]["cpu_ms_per_item"], 3)
        print(row, file=sys.stderr)
    print(json.dumps({"name": f"series {options.name}", "rounds": options.rounds, "medians": rows}))
    return 0


def _row(size: int, latency: int, reports: list[dict[str, Any]]) -> dict[str, Any]:
    present = [name for name in FIGURES if all(name in report for report in reports)]
    medians = {name: median(report[name] for report in reports) for name in present}
    return {"size": size, "latency_ms": latency, **medians}


def _run(options: argparse.Namespace, size: int, latency: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", options.name, "--json", "--channel", options.channel]
    command += ["--size", str(size), "--latency-ms", str(latency), *(["--keep"] if options.keep else [])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode or not done.stdout.strip():
        raise LocalFailure(f"`{' '.join(command)}` ended with {done.returncode}; what it printed is above")
    report: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return report


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks series", description=__doc__)
    parser.add_argument("name", help="a benchmark, such as nation or pipeline")
    parser.add_argument("--sizes", default="", help="such as 20000,1000000 (default: the benchmark's own)")
    parser.add_argument("--latencies", default="", help="of the gateway's answers in ms, such as 0,50,200")
    parser.add_argument("--rounds", type=int, default=1, help="turns of all (default: %(default)s)")
    parser.add_argument("--channel", choices=["kakaotalk", "sms"], default="kakaotalk", help="batches, or one by one")
    parser.add_argument("--keep", action="store_true", help="keep the results for `plots`")
    return parser
