"""Write each result to a file: those for docs/benchmarks.md beside the code, all others under `var`."""

import json
from typing import Any

from secretary.local.environment import ROOT

KEPT = ROOT / "benchmarks" / "results"
ALL = ROOT / "var" / "results"


def keep(report: dict[str, Any], *, among_the_kept: bool) -> None:
    """Write the report under its name, channel and the gateway's latency, that of `nation` under its size too: a later
    one of the same takes its place."""
    size = report["size"] if report["name"] == "nation" else None
    parts = [report["name"], size, report.get("channel"), report.get("latency_ms") or None]
    folder = KEPT if among_the_kept else ALL
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(str(part) for part in parts if part is not None)
    (folder / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept(name: str) -> list[dict[str, Any]]:
    """The kept reports of a benchmark, by size."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob(f"{name}-*.json"))]
    return sorted((report for report in found if report["name"] == name), key=lambda report: report["size"])
