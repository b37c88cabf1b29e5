"""A receipt as a page and as a PDF with its own font; history with what went back."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from reportlab.pdfbase import pdfmetrics

from notifications.models import Record
from payments.ask_payments import ask_payments, ask_soon
from payments.carry_out_refund import carry_out_refunds
from payments.post_to_agency import post_to_agencies
from payments.request_refund import approve_refund, request_refund
from payments.web.receipt_font import FONT, use_fonts
from payments.web.receipt_pdf import wrapped
from tests.notifications.cast import MORNING, ci_of
from tests.payments.cast import correct, owe
from tests.payments.web.conftest import FINE, Desk
from tests.payments.web.pdf_text import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(desk: Desk) -> str:
    return f"/pay/orders/{desk.pay().order_id}/receipt/"


def test_it_says_who_paid_what_to_whom_when_how_and_why_so_much(desk: Desk, receipt: str) -> None:
    page = desk.text(receipt)
    number = desk.payment().settlement.receipt_number
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
    assert "경찰청에서 납부를 확인했습니다" in desk.text(receipt)


def test_the_pdf_embeds_its_font_and_its_text_can_be_read(desk: Desk, receipt: str) -> None:
    answer = desk.get(receipt.replace("/receipt/", "/receipt.pdf"))
    number = desk.payment().settlement.receipt_number
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert answer["Content-Disposition"] == f'inline; filename="receipt-{number}.pdf"'
    assert (
        b"/FontFile2" in answer.content and b"SecretaryGothic" in answer.content and b"Helvetica" not in answer.content
    )
    assert len(answer.content) < 100_000
    said = text_of(answer.content)
    for words in (number, "영수증", "홍길동", "교통과태료", "경찰청", "32,000원", "2026. 3. 10.(화)"):
        assert words in said, words


def test_the_pdf_in_english(desk: Desk, receipt: str) -> None:
    desk.client.cookies["django_language"] = "en"
    answer = desk.get(receipt.replace("/receipt/", "/receipt.pdf"))
    assert answer.status_code == 200 and b"(en)" in answer.content


def test_long_lines_of_a_pdf_are_broken_where_they_must() -> None:
    assert wrapped("", 100, 10) == [""]
    lines = wrapped("가" * 100 + " 나 다", 100, 10)
    assert "".join(lines).replace(" ", "") == "가" * 100 + "나다" and len(lines) > 5


def test_the_font_has_every_character_of_the_tariffs_and_of_our_words() -> None:
    use_fonts()
    has = pdfmetrics.getFont(FONT).face.charToGlyph  # type: ignore[attr-defined]
    sources = [*Path("payments/tariffs").glob("*.py"), Path("payments/web/receipt_pdf.py")]
    said = {character for file in sources for character in file.read_text(encoding="utf-8")}
    assert {character for character in said if ord(character) not in has} == {"\n"}


def test_without_a_payment_there_is_no_receipt(desk: Desk) -> None:
    desk.begin()
    order = f"/pay/orders/{desk.payment().order_id}/"
    assert desk.get(f"{order}receipt/").status_code == desk.get(f"{order}receipt.pdf").status_code == 404


def test_what_went_back_stands_in_the_history_and_on_the_receipt(desk: Desk, receipt: str) -> None:
    payment, (one, two) = desk.payment(), [get_user_model().objects.create_user(name) for name in ("one", "two")]
    refund = request_refund(payment_id=payment.pk, amount=8000, requested_by=one, reason="too much", now=MORNING)
    assert "8,000원 환불" in desk.text("/pay/history/")
    approve_refund(refund_id=refund.pk, approved_by=two, reason="right", now=MORNING)
    carry_out_refunds(now=MORNING)
    assert "8,000원 환불: 환불" in desk.text("/pay/history/")
    assert "환불 금액" in desk.text(receipt) and "too much" not in desk.text(receipt)


def test_money_that_settles_nothing_is_no_proof(desk: Desk) -> None:
    desk.begin()
    first = desk.payment()
    desk.begin("kakaopay")
    desk.come_back()
    desk.far.bank.take_behind_our_back(first.order_id)
    ask_soon(payment_ids=[first.pk])
    ask_payments(now=MORNING)
    order = f"/pay/orders/{first.order_id}/"
    assert "돌려드릴 돈입니다" in desk.text(order)
    assert "납부를 증명하지 않습니다" in desk.text(f"{order}receipt/")
    assert desk.get(f"{order}receipt.pdf").status_code == 200


def test_the_notice_of_a_payment_knows_amount_and_number(desk: Desk) -> None:
    payment = desk.pay()
    told = Record.objects.select_related("agency").get(pk=desk.bill.record_id).payload
    assert (told["paid_amount"], told["receipt_number"]) == (32000, payment.settlement.receipt_number)
    assert told["violation"] == "신호위반"  # and all that it knew before
    correct(desk.bill, fields=FINE | {"violation": "속도위반"})  # the agency's news from before it heard of the payment
    told = Record.objects.select_related("agency").get(pk=desk.bill.record_id).payload
    assert (told["receipt_number"], told["violation"]) == (payment.settlement.receipt_number, "속도위반")
    assert "#{납부금액}" in wording("traffic_fine") and "#{영수증번호}" in wording("traffic_penalty")


def wording(code: str) -> str:
    """What the `paid` stage of the shipped catalogue says."""
    return Path(f"subscriptions/catalogue/{code}.toml").read_text(encoding="utf-8").partition('code = "paid"')[2]


def given_back_at_the_console(desk: Any, amount: int | None = None) -> str:
    payment = desk.pay()
    desk.far.bank.give_back_behind_our_back(payment.order_id, amount)
    ask_soon(payment_ids=[payment.pk])
    ask_payments(now=MORNING)
    return str(payment.order_id)


@pytest.mark.parametrize("amount", [None, 12000], ids=["all", "part"])
def test_a_payment_in_review_is_nowhere_called_paid(desk: Desk, amount: Any) -> None:
    order = given_back_at_the_console(desk, amount)
    for path in (
        f"/pay/orders/{order}/",
        f"/pay/orders/{order}/receipt/",
        "/pay/history/",
        "/pay/",
        desk.home,
        "print/",
    ):
        page = desk.text(path)
        assert ("확인" in page and "환불되었을 수" in page) or "증명으로 쓰실 수 없습니다" in page, path
        assert "납부 완료" not in page and "납부됨" not in page and "납부했습니다" not in page, path
    pdf = desk.get(f"/pay/orders/{order}/receipt.pdf").content
    assert "이 납부는 확인하고 있습니다" in text_of(pdf)
    assert desk.get("service/").status_code == 409


def test_a_review_ends_for_its_person_too_once_it_was_approved(desk: Desk) -> None:
    order = given_back_at_the_console(desk)
    chief = get_user_model().objects.create(username="chief")
    approve_refund(refund_id=desk.payment().refunds.get().pk, approved_by=chief, reason="seen", now=MORNING)
    carry_out_refunds(now=MORNING)
    ask_payments(now=MORNING)
    page = desk.text("/pay/history/")
    assert "확인 중" not in page and "환불" in page
    assert "확인하고 있습니다" not in desk.text(f"/pay/orders/{order}/receipt/")


def test_money_that_went_back_before_it_was_settled_is_told_as_such_and_the_bill_can_be_paid(desk: Desk) -> None:
    desk.far.bank.faults["confirm"].append("taken_lost")
    payment = desk.pay()
    order = f"/pay/orders/{payment.order_id}/"
    assert "확인" in desk.text(order)
    desk.far.bank.give_back_behind_our_back(payment.order_id)
    ask_soon(payment_ids=[payment.pk])
    ask_payments(now=MORNING)
    page = desk.text(order)
    assert "돈을 돌려받으셨습니다" in page and f'href="{desk.home}service/"' in page
    assert "결제사가 돈을 돌려드렸습니다" in desk.text("/pay/history/")
    for nothing in ("receipt/", "receipt.pdf"):
        assert desk.get(f"{order}{nothing}").status_code == 404
    assert "32,000원 납부하기" in desk.text() and "확인하고 있습니다" not in desk.text()
    assert desk.pay().state == "paid"


def test_the_history_says_which_fine_each_payment_was_for(desk: Desk, receipt: str) -> None:
    desk.bill = owe(desk.alice, fields=FINE | {"violation": "과속"})
    desk.home = f"/pay/{desk.bill.pk}/"
    desk.pay("kakaopay")
    newer, older = re.findall(r'<li><a href="/pay/orders/.*?</li>', desk.text("/pay/history/"), re.DOTALL)
    assert "과속" in newer and "신호위반" not in newer
    assert "신호위반" in older and "과속" not in older


def test_the_history_says_nothing_of_a_record_that_is_about_another_person_now(desk: Desk, receipt: str) -> None:
    seen = "제한속도 위반"
    correct(desk.bill, fields={"violation": seen})
    assert seen in desk.text("/pay/history/")
    correct(desk.bill, subject={"ci": ci_of(2)}, fields={"violation": seen})
    page = desk.text("/pay/history/")
    assert seen not in page and "32,000원" in page
