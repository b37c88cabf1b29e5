"""Others' bills and orders do not exist; what the browser sends is never believed; nothing personal in addresses."""

import re
from typing import Any

import pytest

from payments.models import Payment
from tests.notifications.cast import enrol
from tests.payments.web.conftest import Visitor, prove

pytestmark = pytest.mark.django_db
OF_BILL = ["", "print/", "deadlines.ics", "objection/", "service/", "check/kakaopay/"]
OF_ORDER = ["", "back/success/", "back/cancel/", "back/fail/", "receipt/", "receipt.pdf"]


def pages(visitor: Any) -> list[str]:
    order = visitor.payment().order_id
    return [*(f"{visitor.home}{part}" for part in OF_BILL), *(f"/pay/orders/{order}/{part}" for part in OF_ORDER)]


def words(page: str) -> str:
    """Without what differs with each request: tokens, and the page's own address."""
    return re.sub(r'value="[^"]*"', "", page)


def test_other_peoples_bills_and_orders_are_not_there(visitor: Visitor) -> None:
    visitor.pay()
    enrol(9)
    prove(visitor.client, 9)
    for path in pages(visitor):
        assert visitor.get(path).status_code == 404, path
    for path in (f"{visitor.home}objection/", f"{visitor.home}check/kakaopay/", f"{visitor.home}service/"):
        assert visitor.client.post(path, {"amount": 32000, "provider": "kakaopay"}).status_code == 404
    assert words(visitor.text()) == words(visitor.text("/pay/987654/"))  # as for what never was


@pytest.mark.parametrize(
    "path",
    ["/pay/99999999999999999999999999/", "/pay/0/", "/pay/orders/unknown/", "/pay/orders/" + "x" * 5000 + "/"],
)
def test_what_never_was_is_not_there(visitor: Visitor, path: Any) -> None:
    assert visitor.get(path).status_code == 404


def test_an_unknown_provider_is_not_there(visitor: Visitor) -> None:
    assert visitor.get("check/giro/").status_code == 404
    assert visitor.begin("unknown").status_code == 404
    for posted in ("giro", "unknown", "\x00", ""):
        answer = visitor.client.post(f"{visitor.home}service/", {"provider": posted}, follow=True)
        assert answer.status_code == 200 and "error-summary" in answer.content.decode()


@pytest.mark.parametrize("amount", ["", "1", "-1", "0", "32000.0", "３２０００", "9" * 400, "\x00", "<b>", "32,000"])
def test_another_amount_than_the_bills_begins_nothing(visitor: Visitor, amount: Any) -> None:
    answer = visitor.begin(amount=amount)
    assert answer.status_code == 409 and "32,000원" in answer.content.decode()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"token": "forged", "paymentKey": "toss_payments-1"},
        {"token": "\x00", "paymentKey": "\x00", "orderId": "\x00"},
        {"orderId": "another-order"},
        {"amount": "1"},
        {"amount": "9" * 300},
        {"status": "DONE", "resultCode": "Success"},
    ],
)
def test_a_forged_return_takes_nothing(visitor: Visitor, query: Any) -> None:
    visitor.begin()
    answer = visitor.client.get(f"/pay/orders/{visitor.payment().order_id}/back/success/", query)
    assert answer.status_code in ((404,) if "\x00" in query.values() else (200, 400, 409))
    assert "<h1>납부되었습니다</h1>" not in answer.content.decode()
    assert visitor.far.bank.total() == 0


def test_a_return_that_is_replayed_shows_the_same_and_charges_nothing(visitor: Visitor) -> None:
    visitor.begin()
    first, second = visitor.come_back(), visitor.come_back()
    cancelled = visitor.client.get(f"/pay/orders/{visitor.payment().order_id}/back/cancel/")
    assert first["Location"] == second["Location"] == cancelled["Location"]
    assert visitor.far.bank.calls.count("confirm") == 1 and visitor.far.bank.total() == 32000


def test_an_unknown_way_back_is_one_without_a_payment(visitor: Visitor) -> None:
    visitor.begin()
    assert visitor.client.get(f"/pay/orders/{visitor.payment().order_id}/back/whatever/").status_code == 200


def test_pressing_twice_opens_the_newer_page_and_pays_once(visitor: Visitor) -> None:
    assert visitor.begin().status_code == visitor.begin().status_code == 200
    first, second = Payment.objects.order_by("pk")
    assert (first.state, first.reason, second.state) == ("abandoned", "replaced", "opened")
    visitor.come_back()
    assert visitor.far.bank.total() == 32000


@pytest.mark.parametrize("look", ["\x00", "-1", "9" * 500, "１", "off'", "<script>"])
def test_a_number_of_looks_from_outside_is_only_a_number(visitor: Visitor, look: Any) -> None:
    visitor.far.bank.faults["confirm"].append("lost")
    visitor.pay()
    answer = visitor.client.get(f"/pay/orders/{visitor.payment().order_id}/", {"look": look})
    assert answer.status_code == (404 if look == "\x00" else 200)
    assert look not in answer.get("Refresh", "")


def test_nothing_is_kept_by_browsers_or_caches(visitor: Visitor) -> None:
    visitor.pay()
    for path in ["/pay/", "/pay/history/", *pages(visitor)]:
        assert "no-store" in visitor.get(path)["Cache-Control"], path


def test_nothing_personal_stands_in_an_address(visitor: Visitor) -> None:
    visitor.pay()
    seen: set[str] = set()
    for path in ["/pay/", "/pay/history/", *pages(visitor)]:
        answer = visitor.get(path, follow=True)
        if answer["Content-Type"].startswith("text/html"):
            seen |= set(re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode()))
    ours = {address for address in seen if address.startswith("/pay/")}
    order = r"orders/[\w-]+/(?:receipt/|receipt\.pdf)?"
    page = r"(?:print/|deadlines\.ics|objection/|service/|check/\w+/)?"
    allowed = re.compile(rf"/pay/(?:history/|{order}|\d+/{page})?")
    assert ours and {address for address in ours if not allowed.fullmatch(address)} == set()
    assert visitor.get("deadlines.ics")["Content-Disposition"] == 'attachment; filename="deadlines.ics"'


@pytest.mark.parametrize("path", ["", "print/", "deadlines.ics", "/pay/", "/pay/history/"])
def test_only_reading_where_there_is_nothing_to_do(visitor: Visitor, path: Any) -> None:
    assert visitor.client.post(path if path.startswith("/") else f"{visitor.home}{path}").status_code == 405
