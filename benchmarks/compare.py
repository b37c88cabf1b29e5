"""Measure this tree and an earlier commit in turns: `python -m benchmarks compare NAME [--base REV] [--rounds N] …`.

Machines differ by a factor of two, and one machine differs from hour to hour: only a ratio of two builds that ran in
turns says something. The earlier commit is laid out under `var/compare` with a `.venv` of its own locked packages.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from secretary.local.environment import ROOT
from secretary.local.files import LocalFailure

HOME = ROOT / "var" / "compare"
INSTALL = ". secretary/local/install.sh; install_requirements requirements.txt requirements-dev.txt"
GATEWAY = Path("benchmarks/rig/stub_gateway.py")
NO_FIGURES = ("size", "processes")
FROM_OUTSIDE = ("memory",)  # this tree measures the other, which need not know how


def main(arguments: list[str]) -> int:
    """Run both trees in turns; each run to standard error, the ratios as a table, and one JSON object at the end."""
    options = _parser().parse_args(arguments)
    try:
        base, commit = checked_out(options.base)
        runs = measured_in_turns(base, options)
    except LocalFailure as failure:
        print(f"benchmarks: {failure}", file=sys.stderr)
        return 1
    rows = ratios(runs["base"], runs["here"])
    for line in table(rows, commit=commit):
        print(line, file=sys.stderr)
    result = {name: {"base": base_value, "here": here, "ratio": ratio} for name, base_value, here, ratio in rows}
    print(json.dumps({"name": options.name, "base": commit, "rounds": options.rounds, "medians": result}))
    return 0


def checked_out(revision: str) -> tuple[Path, str]:
    """The commit's tree with its packages, made once, and its short name.

    Raises LocalFailure for an unknown revision, and where its packages cannot be installed.
    """
    commit = _output("git", "rev-parse", "--verify", "--quiet", "--short=8", f"{revision}^{{commit}}")
    tree = HOME / commit
    if not (tree / "manage.py").exists():
        tree.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
    if subprocess.run(["sh", "-euc", INSTALL], cwd=tree).returncode:
        raise LocalFailure(f"the packages of {commit} could not be installed; what it said is above")
    for stub in tree.glob(f"benchmarks/**/{GATEWAY.name}"):
        shutil.copyfile(ROOT / GATEWAY, stub)  # both trees send to the same gateway, which shares the machine with them
    return tree, commit


def measured_in_turns(base: Path, options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """The reports of both trees: base, here, base, here …, so that a slow minute of the machine meets both."""
    runs: dict[str, list[dict[str, Any]]] = {"base": [], "here": []}
    for number in range(1, options.rounds + 1):
        for which, tree in (("base", base), ("here", ROOT)):
            report = _run(tree, options)
            runs[which].append(report)
            figures = {name: report[name] for name in report if _is_figure(name, report[name])}
            print(f"{number} {which}, load {os.getloadavg()[0]:.1f}: {figures}", file=sys.stderr)
    return runs


def ratios(base: list[dict[str, Any]], here: list[dict[str, Any]]) -> list[tuple[str, float, float, float | None]]:
    """Of each figure that all runs report: name, median of either tree, and the ratio (None where the base has 0)."""
    rows = []
    for name, value in here[0].items():
        if _is_figure(name, value) and all(_is_figure(name, report.get(name)) for report in (*base, *here)):
            before, now = (median(report[name] for report in runs) for runs in (base, here))
            rows.append((name, before, now, round(now / before, 3) if before else None))
    return rows


def table(rows: list[tuple[str, float, float, float | None]], *, commit: str) -> list[str]:
    """The rows in Markdown, for docs/benchmarks.md."""
    lines = [f"| median | {commit} | this build | ratio |", "|---|---|---|---|"]
    for name, before, now, ratio in rows:
        lines.append(f"| {name} | {before:g} | {now:g} | {'–' if ratio is None else f'{ratio:.2f}'} |")
    return lines


def _is_figure(name: str, value: Any) -> bool:
    return name not in NO_FIGURES and isinstance(value, int | float) and not isinstance(value, bool)


def _run(tree: Path, options: argparse.Namespace) -> dict[str, Any]:
    measuring, other = (ROOT, ["--tree", str(tree)]) if options.name in FROM_OUTSIDE else (tree, [])
    command = [str(measuring / ".venv" / "bin" / "python"), "-m", "benchmarks", options.name, "--json", *other]
    command += ["--channel", options.channel, *(["--size", str(options.size)] if options.size else [])]
    done = subprocess.run(command, cwd=measuring, stdout=subprocess.PIPE, text=True)
    if done.returncode or not done.stdout.strip():
        raise LocalFailure(f"`{' '.join(command)}` ended with {done.returncode}; what it said is above")
    report: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return report


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise LocalFailure(f"`{' '.join(command)}`: {done.stderr.strip() or 'there is no such commit'}")
    return done.stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare", description=__doc__)
    parser.add_argument("name", help="a benchmark that both trees have, such as pipeline")
    parser.add_argument("--base", default="148511c", help="the earlier commit (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of both (default: %(default)s)")
    parser.add_argument("--size", type=int, default=0, help="items (default: each tree's own)")
    parser.add_argument("--channel", choices=["kakaotalk", "sms"], default="kakaotalk", help="batches, or one by one")
    return parser
