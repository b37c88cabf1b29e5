#!/bin/sh
# reportlab 5.1.0: a character that a TrueType font lacks is drawn as a box and read as NUL, without a word.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check reportlab==5.1.0 pypdf==7.1.1
"$work/venv/bin/python" -W error::UserWarning - <<'PYTHON'
import io
import logging

import pypdf
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

said = []
handler = logging.Handler()
handler.emit = lambda record: said.append(record.getMessage())
logging.getLogger("reportlab").addHandler(handler)

pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))  # comes with reportlab; has no Hangul and no ㎞
file = io.BytesIO()
page = canvas.Canvas(file)
page.setFont("Vera", 12)
page.drawString(72, 700, "A 홍길동 20㎞ B")
page.save()

text = pypdf.PdfReader(io.BytesIO(file.getvalue())).pages[0].extract_text().rstrip("\n")
wide = pdfmetrics.stringWidth("홍길동", "Vera", 12)
print("reportlab", reportlab.__version__, "read with pypdf", pypdf.__version__)
print("drawn: 'A 홍길동 20㎞ B'; read back:", ascii(text))
print(f"width of three characters that are not there: {wide:.1f} pt; warnings: {said}")
assert text == "A \0\0\0 20\0 B", "it changed: another text, or an error"
assert wide > 0 and not said
PYTHON
