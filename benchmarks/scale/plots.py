"""Draw the kept results as SVG into docs/figures, and put those of `nation` into docs/scale.md.

The pictures stand by themselves, without a style sheet, and say in their description what they show.
"""

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.rig.results import kept
from benchmarks.scale.nation_table import write_table
from secretary.local.environment import ROOT

FOLDER = ROOT / "docs" / "figures"
WIDTH, ROW, BAR, TEXT, TOP = 640, 30, 18, 13, 34
LABEL, ROOM = 250, 130  # of the label before a bar, and of the value behind the longest
GROUND, INK, COLOUR = "#ffffff", "#1d1d1d", "#246beb"
Bar = tuple[str, float, str]  # label, value, value as shown


def main(_: list[str]) -> int:
    """Draw each figure of which results are kept; say which were drawn."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, title, bars in _figures():
        if bars:
            (FOLDER / f"{name}.svg").write_text(draw(title, bars), encoding="utf-8")
            print(f"docs/figures/{name}.svg: {len(bars)} bars")
    if nations := kept("nation"):
        write_table(nations)
        print(f"docs/scale.md: {nations[-1]['size']:,} people")
    return 0


def draw(title: str, bars: list[Bar]) -> str:
    """Return the picture: a bar for each row, its label before it and its value behind it."""
    full = max(value for _, value, _ in bars) or 1
    height = TOP + ROW * len(bars) + 6
    described = escape("; ".join(f"{label}: {shown}" for label, _, shown in bars))
    rows = "\n".join(_row(nth, bar, full) for nth, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        f' role="img" aria-labelledby="title description" font-family="sans-serif" font-size="{TEXT}" fill="{INK}">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="description">{described}</desc>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="{GROUND}"/>\n'
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>\n{rows}\n</svg>\n'
    )


def _row(nth: int, bar: Bar, full: float) -> str:
    label, value, shown = bar
    top = TOP + nth * ROW
    length = round((WIDTH - LABEL - ROOM) * value / full)
    return (
        f'<text x="{LABEL - 8}" y="{top + BAR - 4}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{top}" width="{length}" height="{BAR}" fill="{COLOUR}"/>'
        f'<text x="{LABEL + length + 8}" y="{top + BAR - 4}">{escape(shown)}</text>'
    )


def _figures() -> Iterable[tuple[str, str, list[Bar]]]:
    nations = kept("nation")
    people = [(f"{report['size']:,} people", report) for report in nations]
    yield "rate-by-size", "Notices per second, by how many people get one", _rates(people)
    costs = [(label, report["cpu_ms_per_item"], f"{report['cpu_ms_per_item']:.3f} ms") for label, report in people]
    yield "cost-by-size", "CPU per notice, by how many people get one", costs
    machines = [(label, each) for report in kept("machines") for label, each in report["runs"].items()]
    yield "rate-by-workers", "Notices per second, by workers on two hosts", _rates(machines)
    pipelines = sorted(kept("pipeline"), key=lambda report: (report["channel"], report["latency_ms"]))
    latencies = [(f"{_way(report)}, {report['latency_ms']} ms", report) for report in pipelines]
    yield "rate-by-latency", "Notices per second, by how long the gateway takes to answer", _rates(latencies)
    stubs = kept("gateway")
    alone = [(f"{_way(report)}: the stub, a simple client", report) for report in stubs]
    alone += [(f"{_way(report)}: the stub, by its CPU", _by_cpu(report)) for report in stubs]
    beside = [(f"{_way(report)}: the pipeline", report) for report in pipelines if not report["latency_ms"]]
    yield (
        "stub",
        "Messages per second: the stub is not the limit",
        _rates(sorted(alone + beside, key=lambda row: row[0])),
    )


def _by_cpu(report: dict[str, Any]) -> dict[str, Any]:
    return {"rate_per_second": report["most_per_second"]}


def _rates(rows: Iterable[tuple[str, dict[str, Any]]]) -> list[Bar]:
    return [(label, report["rate_per_second"], f"{report['rate_per_second']:,}/s") for label, report in rows]


def _way(report: dict[str, Any]) -> str:
    return "SMS" if report["channel"] == "sms" else "Alimtalk"
