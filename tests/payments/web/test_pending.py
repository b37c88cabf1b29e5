"""While the outcome is unknown: neither paid nor unpaid, safe to close, checks again by itself for a while."""

import pytest

from payments.checkout.poll_payments import poll_payments
from subscriptions.web.looks import PAUSES
from tests.notifications.cast import MORNING
from tests.payments.cast import let_time_pass
from tests.payments.web.conftest import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(visitor: Visitor) -> str:
    visitor.begin()
    visitor.far.bank.faults["confirm"].append("taken_lost")
    return str(visitor.come_back()["Location"])


def test_it_is_neither_paid_nor_unpaid(visitor: Visitor, order: str) -> None:
    page = visitor.text(order)
    assert "확인 중입니다." in page and "중복 결제되지 않습니다." in page and "닫으셔도 됩니다" in page
    assert "납부되었습니다" not in page and "결제되지 않았습니다" not in page
    assert visitor.get(f"{order}receipt/").status_code == visitor.get(f"{order}receipt.pdf").status_code == 404


def test_it_looks_again_ever_later_and_not_for_ever(visitor: Visitor, order: str) -> None:
    address, pauses = order, []
    while refresh := visitor.get(address).get("Refresh"):
        seconds, _, address = refresh.partition("; url=")
        pauses.append(int(seconds))
    assert pauses == sorted(pauses) == list(PAUSES) and 240 < sum(pauses) < 900
    assert "지금 확인하기" in visitor.text(address)
    assert "Refresh" not in visitor.get(f"{order}?look=off")


def test_it_becomes_paid_by_itself(visitor: Visitor, order: str) -> None:
    let_time_pass()
    poll_payments(now=MORNING)
    answer = visitor.get(f"{order}?look=3")
    assert "납부되었습니다" in answer.content.decode() and "Refresh" not in answer


def test_it_becomes_unpaid_by_itself_and_can_be_paid_again(visitor: Visitor) -> None:
    visitor.begin()
    visitor.far.bank.faults["confirm"].append("lost")
    order = visitor.come_back()["Location"]
    let_time_pass(dropped=True)
    poll_payments(now=MORNING)
    assert "<h1>결제 시간이 지났습니다</h1>" in visitor.text(order)
    visitor.pay()
    assert visitor.far.bank.total() == 32000


def test_meanwhile_the_list_and_the_bill_say_so(visitor: Visitor, order: str) -> None:
    assert "결제 확인 중" in visitor.text("/pay/")
    bill = visitor.text()
    assert f'href="{order}"' in bill and f'href="{visitor.home}service/"' not in bill
