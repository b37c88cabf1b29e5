"""Run one benchmark with .venv's Python: `python -m benchmarks NAME [--size N] [--json] [--channel kakaotalk|sms]`.

`python -m benchmarks memory [--size SECONDS] [--tree FOLDER]` measures ./run, of this tree or of another, at rest.
`python -m benchmarks compare NAME [--base REV] [--rounds N]` runs this tree and an earlier commit in turns;
`python -m benchmarks series NAME --sizes 20000,1000000` one benchmark at several sizes; `python -m benchmarks plots`
draws the results that were kept (`--keep`).

The last line of standard output is one JSON object; everything else goes to standard error.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import memory
from benchmarks.rig.environment import Environment
from benchmarks.rig.results import KEPT, keep
from secretary.local.environment import ROOT
from secretary.local.files import LocalFailure

DEFAULT_SIZES = {
    "ingest": 100_000,
    "match": 1_000_000,
    "deliver": 20_000,
    "receipts": 20_000,
    "stages": 30_000,
    "pipeline": 20_000,
    "pages": 10_000,
    "check_codes": 10_000,
    "sign_up": 2_000,
    "bulk": 50_000,
    "migrations": 1_000_000,
    "nation": 2_000_000,
    "urgent": 100_000,
    "gateway": 200_000,
    "machines": 20_000,
    "yearly": 100_000,
    "memory": 60,
}
AS_SHIPPED = ("nation", "urgent")
ELSEWHERE = {name: f"scale.{name}" for name in ("nation", "urgent", "gateway", "machines", "yearly")}
COMMANDS = {"compare": "compare", "series": "scale.series", "plots": "scale.plots"}


def main() -> int:
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        return int(import_module(f"benchmarks.{COMMANDS[sys.argv[1]]}").main(sys.argv[2:]))
    options = _parser().parse_args()
    size = options.size or DEFAULT_SIZES[options.name]
    try:
        result = _run(options, size)
    except LocalFailure as failure:
        print(f"benchmarks: {failure}", file=sys.stderr)
        return 1
    report = {"name": options.name, "size": size, "latency_ms": options.latency_ms, **result}
    keep(report, among_the_kept=options.keep)
    if not options.json:
        _table(report)
    print(json.dumps(report, ensure_ascii=False))
    return 0


def _run(options: argparse.Namespace, size: int) -> dict[str, Any]:
    if options.name == "memory":
        return memory.measure(options.tree.absolute(), seconds=size)
    with Environment(as_shipped=options.name in AS_SHIPPED) as environment:
        environment.latency_ms = options.latency_ms
        # Only now may Django read its settings: they name servers that this environment has started.
        module = import_module(f"benchmarks.{ELSEWHERE.get(options.name, options.name)}")
        result: dict[str, Any] = module.run(environment, size=size, channel=options.channel)
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=list(DEFAULT_SIZES))
    parser.add_argument("--size", type=int, default=0, help=f"items; {DEFAULT_SIZES}")
    parser.add_argument("--json", action="store_true", help="the JSON line alone, without the table")
    parser.add_argument("--channel", choices=["kakaotalk", "sms"], default="kakaotalk", help="batches, or one by one")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long the gateway takes to answer")
    parser.add_argument("--keep", action="store_true", help=f"keep the result in {KEPT}, for `plots`")
    parser.add_argument("--tree", type=Path, default=ROOT, help="memory: the tree whose ./run is measured")
    return parser


def _table(report: dict[str, Any]) -> None:
    for name, value in report.items():
        print(f"{name:<26} {value}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
