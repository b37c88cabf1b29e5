#!/bin/sh
# reportlab 5.1.0: a paragraph that is wrapped as Korean is (wordWrap "CJK") breaks amounts and telephone numbers between
# their digits; without it Korean breaks at blanks.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check reportlab==5.1.0
"$work/venv/bin/python" - <<'PYTHON'
import reportlab
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph

TEXT = "2026년 12월 31일까지 과태료 32,000원을 내시면 됩니다. 문의 02-0000-0000"
pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))


def lines(width, wrap):
    paragraph = Paragraph(TEXT, ParagraphStyle("plain", fontName="HYSMyeongJo-Medium", fontSize=10, wordWrap=wrap))
    paragraph.wrap(width, 1000)
    words = (line[1] if isinstance(line, tuple) else line.text for line in paragraph.blPara.lines)
    return [part if isinstance(part, str) else " ".join(part) for part in words]


print("reportlab", reportlab.__version__)
for wrap in (None, "CJK"):
    print(f"wordWrap={wrap!r}:", *(" / ".join(lines(width, wrap)) for width in (88, 95)), sep="\n  ")
assert "32,000원을 내시면" in lines(88, None)
assert lines(88, "CJK")[1:3] == ["까지 과태료 32,00", "0원을 내시면 됩니"], "it changed"
assert lines(95, "CJK")[-2:] == ["문의 02-0000-00", "00"], "it changed"
PYTHON
