"""A receipt as a PDF of one A4 page: text that can be searched and copied, with its own font (docs/adr/0012)."""

from functools import cache
from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext as _
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from payments.receipt import Receipt
from secretary.common.korean import Language, format_date, format_datetime, format_won

FONT = "SecretaryGothic"
TEXT, SUBTLE, LINE = HexColor("#1e2124"), HexColor("#464c53"), HexColor("#cdd1d5")
LEFT, RIGHT, TOP = 25 * mm, A4[0] - 25 * mm, A4[1] - 30 * mm
LABEL_WIDTH = 45 * mm


def receipt_pdf(receipt: Receipt, *, name: str, language: Language) -> bytes:
    """The same words as on the page."""
    written = BytesIO()
    _font()
    canvas = Canvas(written, pagesize=A4, lang=language, initialFontName=FONT)  # type: ignore[arg-type]  # stubs err
    canvas.setTitle(f"{_('Receipt')} {receipt.number}")
    canvas.setAuthor(_("Public Secretary"))
    y = _head(canvas, receipt, language)
    for label, value in _facts(receipt, name, language):
        y = _row(canvas, y, label, value)
    if not receipt.surplus:
        y = _steps(canvas, y - 8 * mm, receipt, language)
    _foot(canvas, y - 14 * mm, receipt)
    canvas.save()
    return written.getvalue()


@cache
def _font() -> None:
    """Read once per process."""
    pdfmetrics.registerFont(TTFont(FONT, Path(__file__).with_name("fonts") / "SecretaryGothic-Regular.ttf"))


def _head(canvas: Canvas, receipt: Receipt, language: Language) -> float:
    _write(canvas, LEFT, TOP, _("Public Secretary"), 11, SUBTLE)
    _write(canvas, LEFT, TOP - 14 * mm, _("Receipt"), 26)
    canvas.setFont(FONT, 26)
    canvas.drawRightString(RIGHT, TOP - 14 * mm, format_won(receipt.amount, language))
    canvas.setStrokeColor(TEXT)
    canvas.line(LEFT, TOP - 20 * mm, RIGHT, TOP - 20 * mm)
    return TOP - 30 * mm


def _facts(receipt: Receipt, name: str, language: Language) -> list[tuple[str, str]]:
    back = receipt.payment.refunded
    return [
        (_("Number of the receipt"), receipt.number),
        (_("Paid by"), name),
        (_("Paid for"), receipt.payment.title),
        (_("Payee"), receipt.agency),
        (_("Agency's number"), receipt.external_id),
        (_("Day of payment"), format_date(receipt.paid_on, language)),
        (_("Approved"), format_datetime(receipt.approved_at, language)),
        (_("Payment service"), receipt.payment.provider_title),
        *([(_("Refunded"), format_won(back, language))] if back else []),
    ]


def _row(canvas: Canvas, y: float, label: str, value: str) -> float:
    """A label and its value, which goes on in the next lines where it is long."""
    _write(canvas, LEFT, y, label, 11, SUBTLE)
    for line in _wrapped(value, RIGHT - LEFT - LABEL_WIDTH, 12):
        _write(canvas, LEFT + LABEL_WIDTH, y, line, 12)
        y -= 6 * mm
    return y - 2 * mm


def _steps(canvas: Canvas, y: float, receipt: Receipt, language: Language) -> float:
    canvas.setStrokeColor(LINE)
    canvas.line(LEFT, y + 6 * mm, RIGHT, y + 6 * mm)
    _write(canvas, LEFT, y, _("How the amount came about"), 13)
    for line in receipt.clock.lines:
        y -= 9 * mm
        _write(canvas, LEFT, y, line.words, 11)
        canvas.drawRightString(RIGHT, y, format_won(line.amount, language))
        _write(canvas, LEFT, y - 5 * mm, line.article, 9, SUBTLE)
        y -= 5 * mm
    return y


def _foot(canvas: Canvas, y: float, receipt: Receipt) -> None:
    if receipt.surplus:
        words = _("This money settles no bill and goes back to you: it is no proof that a bill was paid.")
    else:
        words = _("The day of payment is the day of approval by the payment service.") + " 질서위반행위규제법 §17의2"
    questions = f"{_('Questions')}: {receipt.agency} {receipt.agency_phone}"
    for line in (*_wrapped(words, RIGHT - LEFT, 10), questions):
        _write(canvas, LEFT, y, line, 10, SUBTLE)
        y -= 5 * mm


def _write(canvas: Canvas, x: float, y: float, words: str, size: float, colour: Color = TEXT) -> None:
    canvas.setFont(FONT, size)
    canvas.setFillColor(colour)
    canvas.drawString(x, y, words)


def _wrapped(words: str, width: float, size: float) -> list[str]:
    """Lines no wider than `width`; what has no blanks is cut where it must be."""
    lines = [""]
    for word in words.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if pdfmetrics.stringWidth(joined, FONT, size) <= width:
            lines[-1] = joined
            continue
        lines += _cut(word, width, size)
    return [line for line in lines if line] or [""]


def _cut(word: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pdfmetrics.stringWidth(pieces[-1] + character, FONT, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
