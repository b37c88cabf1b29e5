"""Lists of bills come by twenty, so that a long history makes no long page; what is to be paid is first."""

import re
from typing import Any

import pytest

from payments.models import Bill
from payments.states import CLOSED, SIBLING
from tests.payments.cast import owe

pytestmark = pytest.mark.django_db


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/pay/(\d+)/"', page)]


@pytest.fixture
def many(visitor: Any) -> Any:
    """Owes 22 bills; the newest is closed."""
    for _ in range(21):
        owe(visitor.alice)
    Bill.objects.filter(pk=Bill.objects.latest("pk").pk).update(state=CLOSED, reason=SIBLING)
    return visitor


def test_what_is_to_be_paid_comes_before_all_that_is_closed(many: Any) -> None:
    newest, *others = Bill.objects.order_by("-pk").values_list("pk", flat=True)
    first, second = many.text("/pay/"), many.text("/pay/?page=2")
    assert sorted(shown(first)) == sorted(others[:20])
    assert shown(second) == [others[20], newest]
    assert "?page=2" in first and "?page=1" in second and "?page=3" not in second


def test_a_sum_is_shown_of_all_that_is_to_be_paid_or_not_at_all(visitor: Any) -> None:
    assert 'class="lead"' in visitor.text("/pay/")
    for _ in range(20):
        owe(visitor.alice)
    assert 'class="lead"' not in visitor.text("/pay/") + visitor.text("/pay/?page=2")


def test_a_page_that_is_no_number_is_the_first(many: Any) -> None:
    first = shown(many.text("/pay/"))
    for page in ("0", "-1", "x", "²", "9" * 30, ""):
        assert shown(many.text(f"/pay/?page={page}")) == first, page


def test_behind_the_last_page_nothing_is_claimed(many: Any) -> None:
    page = many.text("/pay/?page=9")
    assert shown(page) == [] and "?page=8" in page and 'class="panel"' not in page
