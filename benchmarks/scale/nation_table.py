"""Put the largest kept result of `nation` into docs/scale.md, beside what it comes to for 17 million people."""

from typing import Any

from secretary.local.environment import ROOT

DOCUMENT = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- figures of `python -m benchmarks plots` -->\n", "<!-- end of the figures -->"
NATION = 17_000_000
HOUR = 3600


def write_table(reports: list[dict[str, Any]]) -> None:
    """Replace what stands between the marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table = "\n".join(_lines(reports))
    DOCUMENT.write_text(f"{before}{BEGIN}{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _lines(reports: list[dict[str, Any]]) -> list[str]:
    largest = reports[-1]
    return [*_measured(reports, largest), "", *_tables(largest["tables"], largest["size"])]


def _measured(reports: list[dict[str, Any]], largest: dict[str, Any]) -> list[str]:
    machine, size, rate = largest["machine"], largest["size"], largest["rate_per_second"]
    cpu, wal = largest["cpu_ms_per_item"], largest["wal_bytes_per_item"]
    costs = " · ".join(f"{report['size']:,}: {report['cpu_ms_per_item']:.3f} ms" for report in reports)
    waits = " · ".join(f"{largest[f'p{share}_from_drop_ms'] / 1000:.0f} s" for share in (50, 95, 99))
    where = f"{machine['cpus']} cores ({machine['model']}), {machine['memory_gib']} GiB"
    others = f"other work took {largest['cpu_of_others']:.1f} of the cores"
    return [
        f"`nation --size {size}`, `{largest['commit']}`, {largest['at']} in Korea; {where}; {others}.",
        "",
        f"| | {size:,} people | 17 million, by that |",
        "|---|---|---|",
        f"| notices per second | {rate:,} | {NATION / rate / 60:.0f} minutes; {NATION / HOUR:,.0f} would be one hour |",
        f"| CPU | {cpu:.3f} ms a notice | {NATION * cpu / 1000 / HOUR:.1f} hours of one core |",
        f"| the same by size | {costs} | – |",
        f"| from the file to *delivered*, p50 · p95 · p99 | {waits} | all at once: the queue, by the rate |",
        f"| WAL | {wal:,} bytes a notice | {NATION * wal / 1e9:.0f} GB |",
        f"| most memory (PSS), all processes | {largest['most_memory_mb']['together']:,} MB | – |",
    ]


def _tables(tables: dict[str, dict[str, int]], size: int) -> list[str]:
    rows, everything = [], 0.0
    for name, table in tables.items():
        of_rows, of_indexes = table["table_bytes"] / size, table["index_bytes"] / size
        gigabytes = (of_rows + of_indexes) * NATION / 1e9
        everything += gigabytes
        rows.append(f"| `{name}` | {of_rows:,.0f} · {of_indexes:,.0f} | {gigabytes:.1f} |")
    head = ["| table | bytes a person: rows · indexes | GB for 17 million |", "|---|---|---|"]
    return [*head, *rows, f"| all of these | | {everything:.0f} |"]
