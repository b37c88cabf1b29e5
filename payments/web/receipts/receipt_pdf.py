"""Draw a receipt as a PDF of one A4 page: text that can be searched and copied, in its own fonts (docs/adr/0012)."""

from io import BytesIO

from django.utils.translation import gettext as _
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from payments.templatetags.shown import cited
from payments.web.payment_view import Receipt
from payments.web.receipts.receipt_font import FONT, drawable, drawable_name, runs, use_fonts, width
from secretary.kernel.korean.korean import Language, format_date, format_datetime, format_won

TEXT, SUBTLE, LINE = HexColor("#1e2124"), HexColor("#464c53"), HexColor("#cdd1d5")
LEFT, RIGHT, TOP = 25 * mm, A4[0] - 25 * mm, A4[1] - 30 * mm
LABEL_WIDTH = 45 * mm


def receipt_pdf(receipt: Receipt, *, name: str, language: Language) -> bytes:
    """Return the same words as on the page; letters that no font of ours has are written as they are read."""
    written = BytesIO()
    use_fonts()
    canvas = Canvas(written, pagesize=A4, lang=language, initialFontName=FONT)  # type: ignore[arg-type]  # stubs err
    canvas.setTitle(f"{_('Receipt')} {receipt.number}")
    canvas.setAuthor(_("Public Secretary"))
    y = _head(canvas, receipt, language)
    for label, value in _facts(receipt, name, language):
        y = _row(canvas, y, label, value)
    if not receipt.surplus:
        y = _steps(canvas, y - 8 * mm, receipt, language)
    _foot(canvas, y - 14 * mm, receipt, language)
    canvas.save()
    return written.getvalue()


def _head(canvas: Canvas, receipt: Receipt, language: Language) -> float:
    _write(canvas, LEFT, TOP, _("Public Secretary"), 11, SUBTLE)
    _write(canvas, LEFT, TOP - 14 * mm, _("Receipt"), 26)
    _write_right(canvas, TOP - 14 * mm, format_won(receipt.amount, language), 26)
    canvas.setStrokeColor(TEXT)
    canvas.line(LEFT, TOP - 20 * mm, RIGHT, TOP - 20 * mm)
    return TOP - 30 * mm


def _facts(receipt: Receipt, name: str, language: Language) -> list[tuple[str, str]]:
    back = receipt.payment.refunded
    return [
        (_("Number of the receipt"), receipt.number),
        (_("Paid by"), drawable_name(name, language)),
        (_("Paid for"), drawable(receipt.payment.title, language)),
        (_("Payee"), drawable(receipt.agency, language)),
        (_("Agency's number"), receipt.external_id),
        (_("Day of payment"), format_date(receipt.paid_on, language)),
        (_("Approved"), format_datetime(receipt.approved_at, language)),
        (_("Payment service"), receipt.payment.provider_title),
        *([(_("Refunded"), format_won(back, language))] if back else []),
    ]


def _row(canvas: Canvas, y: float, label: str, value: str) -> float:
    """Return a label and its value, which goes on in the next lines where it is long."""
    _write(canvas, LEFT, y, label, 11, SUBTLE)
    for line in wrapped(value, RIGHT - LEFT - LABEL_WIDTH, 12):
        _write(canvas, LEFT + LABEL_WIDTH, y, line, 12)
        y -= 6 * mm
    return y - 2 * mm


def _steps(canvas: Canvas, y: float, receipt: Receipt, language: Language) -> float:
    canvas.setStrokeColor(LINE)
    canvas.line(LEFT, y + 6 * mm, RIGHT, y + 6 * mm)
    _write(canvas, LEFT, y, _("How the amount was calculated"), 13)
    for line in receipt.clock.lines:
        y -= 9 * mm
        _write(canvas, LEFT, y, drawable(line.words, language), 11)
        _write_right(canvas, y, format_won(line.amount, language), 11)
        for part in wrapped(cited(line.article, language), RIGHT - LEFT, 9):
            y -= 5 * mm
            _write(canvas, LEFT, y, part, 9, SUBTLE)
    return y


def _foot(canvas: Canvas, y: float, receipt: Receipt, language: Language) -> None:
    if receipt.in_review:
        words = _("This payment is under review. Until that is settled, this receipt is not proof of payment.")
    elif receipt.surplus:
        words = _(
            "This money was not used for any bill and will be refunded to you: it is not proof that a bill was paid."
        )
    else:
        words = _("The day of payment is the day of approval by the payment service.")
        words = f"{words} {cited('질서위반행위규제법 §17의2', language)}"
    questions = drawable(f"{_('Questions')}: {receipt.agency} {receipt.agency_phone}", language)
    for line in (*wrapped(words, RIGHT - LEFT, 10), *wrapped(questions, RIGHT - LEFT, 10)):
        _write(canvas, LEFT, y, line, 10, SUBTLE)
        y -= 5 * mm


def _write(canvas: Canvas, x: float, y: float, words: str, size: float, colour: Color = TEXT) -> None:
    canvas.setFillColor(colour)
    for font, piece in runs(words):
        canvas.setFont(font, size)
        canvas.drawString(x, y, piece)
        x += canvas.stringWidth(piece, font, size)


def _write_right(canvas: Canvas, y: float, words: str, size: float) -> None:
    _write(canvas, RIGHT - width(words, size), y, words, size)


def wrapped(words: str, most: float, size: float) -> list[str]:
    """Lines no wider than `most` points; what has no blanks is cut where it must be."""
    lines = [""]
    for word in words.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if width(joined, size) <= most:
            lines[-1] = joined
            continue
        lines += _cut(word, most, size)
    return [line for line in lines if line] or [""]


def _cut(word: str, most: float, size: float) -> list[str]:
    pieces = [""]
    for character in word:
        if width(pieces[-1] + character, size) > most:
            pieces.append("")
        pieces[-1] += character
    return pieces
