"""From the list to the receipt."""

import pytest

from tests.payments.web.conftest import Desk

pytestmark = pytest.mark.django_db


def test_from_the_list_over_the_bill_to_the_receipt(desk: Desk) -> None:
    assert "32,000원" in desk.text("/pay/")
    bill = desk.text()
    assert "2026. 3. 23.(월)까지" in bill and "D-13" in bill and "8,000원" in bill and "질서위반행위규제법 §18" in bill
    chosen = desk.client.post(f"{desk.home}service/", {"provider": "kakaopay"})
    assert chosen["Location"] == f"{desk.home}check/kakaopay/"
    assert "32,000원" in desk.text(chosen["Location"])
    handed_over = desk.begin("kakaopay")
    assert handed_over.status_code == 200 and "https://bank.invalid/1" in handed_over.content.decode()
    back = desk.come_back()
    order_id = desk.payment().order_id
    assert back["Location"] == f"/pay/orders/{order_id}/"
    assert "납부되었습니다" in desk.text(back["Location"])
    receipt = desk.text(f"/pay/orders/{order_id}/receipt/")
    assert "20260310-" in receipt and "홍길동" in receipt and "32,000원" in receipt
    assert desk.get(f"/pay/orders/{order_id}/receipt.pdf").content.startswith(b"%PDF")
    assert "20260310-" in desk.text("/pay/history/")
    assert desk.far.banks["kakaopay"].total() == 32000
