"""From the list to the receipt."""

import pytest

from tests.payments.web.conftest import Visitor

pytestmark = pytest.mark.django_db


def test_from_the_list_over_the_bill_to_the_receipt(visitor: Visitor) -> None:
    assert "32,000원" in visitor.text("/pay/")
    bill = visitor.text()
    assert "2026. 3. 23.(월)까지" in bill and "D-13" in bill and "8,000원" in bill and "질서위반행위규제법 §18" in bill
    chosen = visitor.client.post(f"{visitor.home}service/", {"provider": "kakaopay"})
    assert chosen["Location"] == f"{visitor.home}check/kakaopay/"
    assert "32,000원" in visitor.text(chosen["Location"])
    handed_over = visitor.begin("kakaopay")
    assert handed_over.status_code == 200 and "https://bank.invalid/1" in handed_over.content.decode()
    back = visitor.come_back()
    order_id = visitor.payment().order_id
    assert back["Location"] == f"/pay/orders/{order_id}/"
    assert "납부되었습니다" in visitor.text(back["Location"])
    receipt = visitor.text(f"/pay/orders/{order_id}/receipt/")
    assert "20260310-" in receipt and "홍길동" in receipt and "32,000원" in receipt
    assert visitor.get(f"/pay/orders/{order_id}/receipt.pdf").content.startswith(b"%PDF")
    assert "20260310-" in visitor.text("/pay/history/")
    assert visitor.far.banks["kakaopay"].total() == 32000
