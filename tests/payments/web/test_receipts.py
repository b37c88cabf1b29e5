"""A receipt as a page and as a PDF with its own font; history with what went back."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from reportlab.pdfbase import pdfmetrics

from notifications.models import Record
from payments.checkout.poll_payments import poll_payments, poll_soon
from payments.checkout.post_to_agency import post_to_agencies
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.web.receipts.receipt_font import FONT, use_fonts
from payments.web.receipts.receipt_pdf import wrapped
from tests.notifications.cast import MORNING, ci_of
from tests.payments.cast import correct, owe
from tests.payments.web.conftest import FINE, Visitor
from tests.payments.web.pdf_text import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(visitor: Visitor) -> str:
    return f"/pay/orders/{visitor.pay().order_id}/receipt/"


def test_it_says_who_paid_what_to_whom_when_how_and_why_so_much(visitor: Visitor, receipt: str) -> None:
    page = visitor.text(receipt)
    number = visitor.payment().settlement.receipt_number
    for words in (
        number,
        "홍길동",
        "교통과태료",
        "경찰청",
        "32,000원",
        "2026. 3. 10.(화)",
        "오전 10:00",
        "-8,000원",
        "§18",
    ):
        assert words in page, words
    assert "12가3456" not in page and "경찰청에 알리고 있습니다" in page
    post_to_agencies(now=MORNING)
    assert "경찰청에서 납부를 확인했습니다" in visitor.text(receipt)


def test_the_pdf_embeds_its_font_and_its_text_can_be_read(visitor: Visitor, receipt: str) -> None:
    answer = visitor.get(receipt.replace("/receipt/", "/receipt.pdf"))
    number = visitor.payment().settlement.receipt_number
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert answer["Content-Disposition"] == f'inline; filename="receipt-{number}.pdf"'
    assert (
        b"/FontFile2" in answer.content and b"SecretaryGothic" in answer.content and b"Helvetica" not in answer.content
    )
    assert len(answer.content) < 100_000
    shown = text_of(answer.content)
    for words in (number, "영수증", "홍길동", "교통과태료", "경찰청", "32,000원", "2026. 3. 10.(화)"):
        assert words in shown, words


def test_the_pdf_in_english(visitor: Visitor, receipt: str) -> None:
    visitor.client.cookies["django_language"] = "en"
    answer = visitor.get(receipt.replace("/receipt/", "/receipt.pdf"))
    assert answer.status_code == 200 and b"(en)" in answer.content
    shown = "".join(text_of(answer.content).split())  # lines are broken where they must
    law = "ActontheRegulationofViolationsofPublicOrder(질서위반행위규제법)"
    assert f"{law}§18" in shown and "EnforcementDecree(시행령)§5" in shown and f"{law}§17의2" in shown


def test_long_lines_of_a_pdf_are_broken_where_they_must() -> None:
    assert wrapped("", 100, 10) == [""]
    lines = wrapped("가" * 100 + " 나 다", 100, 10)
    assert "".join(lines).replace(" ", "") == "가" * 100 + "나다" and len(lines) > 5


def test_the_font_has_every_character_of_the_tariffs_and_of_our_words() -> None:
    use_fonts()
    has = pdfmetrics.getFont(FONT).face.charToGlyph  # type: ignore[attr-defined]
    sources = [
        *Path("payments/tariffs").glob("*.py"),
        Path("payments/web/receipts/receipt_pdf.py"),
        Path("payments/templatetags/shown.py"),
    ]
    shown = {character for file in sources for character in file.read_text(encoding="utf-8")}
    assert {character for character in shown if ord(character) not in has} == {"\n"}


def test_without_a_payment_there_is_no_receipt(visitor: Visitor) -> None:
    visitor.begin()
    order = f"/pay/orders/{visitor.payment().order_id}/"
    assert visitor.get(f"{order}receipt/").status_code == visitor.get(f"{order}receipt.pdf").status_code == 404


def test_what_went_back_stands_in_the_history_and_on_the_receipt(visitor: Visitor, receipt: str) -> None:
    payment, (one, two) = visitor.payment(), [get_user_model().objects.create_user(name) for name in ("one", "two")]
    refund = request_refund(payment_id=payment.pk, amount=8000, requested_by=one, reason="too much", now=MORNING)
    assert "8,000원 환불" in visitor.text("/pay/history/")
    approve_refund(refund_id=refund.pk, approved_by=two, reason="right", now=MORNING)
    carry_out_refunds(now=MORNING)
    assert "8,000원 환불: 환불" in visitor.text("/pay/history/")
    assert "환불 금액" in visitor.text(receipt) and "too much" not in visitor.text(receipt)


def test_money_that_settles_nothing_is_no_proof(visitor: Visitor) -> None:
    visitor.begin()
    first = visitor.payment()
    visitor.begin("kakaopay")
    visitor.come_back()
    visitor.far.bank.capture_unseen(first.order_id)
    poll_soon(payment_ids=[first.pk])
    poll_payments(now=MORNING)
    order = f"/pay/orders/{first.order_id}/"
    assert "돌려드릴 돈입니다" in visitor.text(order)
    assert "납부를 증명하지 않습니다" in visitor.text(f"{order}receipt/")
    assert visitor.get(f"{order}receipt.pdf").status_code == 200


def test_the_notice_of_a_payment_knows_amount_and_number(visitor: Visitor) -> None:
    payment = visitor.pay()
    reported = Record.objects.select_related("agency").get(pk=visitor.bill.record_id).payload
    assert (reported["paid_amount"], reported["receipt_number"]) == (32000, payment.settlement.receipt_number)
    assert reported["violation"] == "신호위반"  # and all that it knew before
    correct(
        visitor.bill, fields=FINE | {"violation": "속도위반"}
    )  # the agency's news from before it learnt of the payment
    reported = Record.objects.select_related("agency").get(pk=visitor.bill.record_id).payload
    assert (reported["receipt_number"], reported["violation"]) == (payment.settlement.receipt_number, "속도위반")
    assert "#{납부금액}" in template("traffic_fine") and "#{영수증번호}" in template("traffic_penalty")


def template(code: str) -> str:
    """The text of the `paid` stage of the shipped catalogue."""
    return Path(f"subscriptions/catalogue/{code}.toml").read_text(encoding="utf-8").partition('code = "paid"')[2]


def refunded_at_the_console(visitor: Any, amount: int | None = None) -> str:
    payment = visitor.pay()
    visitor.far.bank.refund_at_the_console(payment.order_id, amount)
    poll_soon(payment_ids=[payment.pk])
    poll_payments(now=MORNING)
    return str(payment.order_id)


@pytest.mark.parametrize("amount", [None, 12000], ids=["all", "part"])
def test_a_payment_in_review_is_nowhere_called_paid(visitor: Visitor, amount: Any) -> None:
    order = refunded_at_the_console(visitor, amount)
    for path in (
        f"/pay/orders/{order}/",
        f"/pay/orders/{order}/receipt/",
        "/pay/history/",
        "/pay/",
        visitor.home,
        "print/",
    ):
        page = visitor.text(path)
        assert ("확인" in page and "환불되었을 수" in page) or "증명으로 쓰실 수 없습니다" in page, path
        assert "납부 완료" not in page and "납부됨" not in page and "납부했습니다" not in page, path
    pdf = visitor.get(f"/pay/orders/{order}/receipt.pdf").content
    assert "이 납부는 확인하고 있습니다" in text_of(pdf)
    assert visitor.get("service/").status_code == 409


def test_a_review_ends_for_its_person_too_once_it_was_approved(visitor: Visitor) -> None:
    order = refunded_at_the_console(visitor)
    chief = get_user_model().objects.create(username="chief")
    approve_refund(refund_id=visitor.payment().refunds.get().pk, approved_by=chief, reason="seen", now=MORNING)
    carry_out_refunds(now=MORNING)
    poll_payments(now=MORNING)
    page = visitor.text("/pay/history/")
    assert "확인 중" not in page and "환불" in page
    assert "확인하고 있습니다" not in visitor.text(f"/pay/orders/{order}/receipt/")


def test_money_that_was_refunded_before_it_was_settled_is_shown_as_such_and_the_bill_can_be_paid(
    visitor: Visitor,
) -> None:
    visitor.far.bank.faults["confirm"].append("taken_lost")
    payment = visitor.pay()
    order = f"/pay/orders/{payment.order_id}/"
    assert "확인" in visitor.text(order)
    visitor.far.bank.refund_at_the_console(payment.order_id)
    poll_soon(payment_ids=[payment.pk])
    poll_payments(now=MORNING)
    page = visitor.text(order)
    assert "돈을 돌려받으셨습니다" in page and f'href="{visitor.home}service/"' in page
    assert "결제사가 돈을 돌려드렸습니다" in visitor.text("/pay/history/")
    for nothing in ("receipt/", "receipt.pdf"):
        assert visitor.get(f"{order}{nothing}").status_code == 404
    assert "32,000원 납부하기" in visitor.text() and "확인하고 있습니다" not in visitor.text()
    assert visitor.pay().state == "paid"


def test_the_history_says_which_fine_each_payment_was_for(visitor: Visitor, receipt: str) -> None:
    visitor.bill = owe(visitor.alice, fields=FINE | {"violation": "과속"})
    visitor.home = f"/pay/{visitor.bill.pk}/"
    visitor.pay("kakaopay")
    newer, older = re.findall(r'<li><a href="/pay/orders/.*?</li>', visitor.text("/pay/history/"), re.DOTALL)
    assert "과속" in newer and "신호위반" not in newer
    assert "신호위반" in older and "과속" not in older


def test_the_history_says_nothing_of_a_record_that_is_about_another_person_now(visitor: Visitor, receipt: str) -> None:
    seen = "제한속도 위반"
    correct(visitor.bill, fields={"violation": seen})
    assert seen in visitor.text("/pay/history/")
    correct(visitor.bill, subject={"ci": ci_of(2)}, fields={"violation": seen})
    page = visitor.text("/pay/history/")
    assert seen not in page and "32,000원" in page
