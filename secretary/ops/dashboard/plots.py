"""Draw bars as SVG: rows in, text out. No style attributes (the CSP forbids them): colours come from the style sheet.

Each bar has its label above and its value behind it, so that nothing is told by a colour or a length alone; a second
kind of bar is hatched. The table beside a plot has the same numbers, and the full labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, BAR, TEXT = 320, 40, 14, 12  # units of the picture; it is as wide as a small phone
ROOM = 96  # for the value behind the longest bar
LONGEST_LABEL = 300  # units of text, by `_units`

HATCH = (
    '<pattern id="{0}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="plot-ground" width="6" height="6"/><rect class="plot-bar" width="3" height="6"/></pattern>'
)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    shown: str
    hatched: bool = False


def draw_bars(name: str, title: str, bars: Sequence[Bar], *, whole: float = 0) -> SafeString:
    """Return the picture. `name`: of the plot, once on a page. `whole`: the value of a full bar; otherwise the
    greatest is full. Its description has all labels and values, for screen readers."""
    if not bars:
        return SafeString("")
    full = whole or max(bar.value for bar in bars) or 1
    description = "; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
    rows = format_html_join("", "{}", ((_row(name, nth, bar, full),) for nth, bar in enumerate(bars)))
    hatch = format_html(f"<defs>{HATCH}</defs>", name) if any(bar.hatched for bar in bars) else ""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 {0} {1}"'
        ' aria-labelledby="{2}-plot {2}-desc"><title id="{2}-plot">{3}</title>'
        '<desc id="{2}-desc">{4}</desc>{5}{6}</svg>',
        *(WIDTH, ROW * len(bars), name, title, description, hatch, rows),
    )


def _row(name: str, nth: int, bar: Bar, full: float) -> SafeString:
    top = nth * ROW
    length = round((WIDTH - ROOM) * min(max(bar.value, 0) / full, 1))
    hatch = format_html(' fill="url(#{}-hatch)"', name) if bar.hatched else ""
    return format_html(
        '<text class="plot-text" x="0" y="{}" font-size="{}">{}</text>'
        '<rect class="{}" x="0" y="{}" width="{}" height="{}"{}/>'
        '<text class="plot-text" x="{}" y="{}" font-size="{}">{}</text>',
        *(top + TEXT + 2, TEXT, _shortened(bar.label)),
        *("plot-hatched" if bar.hatched else "plot-bar", top + ROW - BAR - 6, length, BAR, hatch),
        *(length + 6, top + ROW - 9, TEXT, bar.shown),
    )


def _shortened(label: str) -> str:
    """Return as much of a label as fits; the table has all of it."""
    wide = 0.0
    for nth, sign in enumerate(label):
        wide += TEXT if ord(sign) > 0x1100 else TEXT * 0.6
        if wide > LONGEST_LABEL:
            return f"{label[:nth]}…"
    return label
