"""No page of the former person's bill shows a word of what the agency reports of the other."""

import pytest

from payments.bills.follow_records import follow_records
from payments.checkout import take_outcome
from payments.models import Bill, Payment
from tests.notifications.cast import MORNING, ci_of
from tests.payments.cast import correct
from tests.payments.web.conftest import FINE, Visitor

OF_BOB = FINE | {"violation": "밥의 위반", "amount": 79200, "plate": "78허7878", "due_on": "2026-07-17"}
PRIVATE = ("밥의", "79,200", "79200", "63,360", "78허7878", "17일", "20260717", "2026-07-17")
PAGES = ("", "print/", "deadlines.ics", "objection/", "service/", "check/toss_payments/", "/pay/", "/pay/history/")


@pytest.fixture
def moved(visitor: Visitor) -> Visitor:
    visitor.begin()
    correct(visitor.bill, subject={"ci": ci_of(2)}, fields=OF_BOB)
    return visitor


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_the_other_persons_facts(moved: Visitor, page: str) -> None:
    answer = moved.get(page)
    text = answer.content.decode()
    assert answer.status_code < 500
    assert [each for each in PRIVATE if each in text] == []


@pytest.mark.django_db
def test_the_former_person_reads_that_it_is_not_theirs(moved: Visitor) -> None:
    assert "회원님의 것이 아닌 것으로 확인되어" in moved.text()
    answer = moved.begin()
    assert answer.status_code == 409
    follow_records(now=MORNING)
    assert (Bill.objects.get().reason, Payment.objects.get().state) == ("another_person", "abandoned")
    assert "회원님의 것이 아닌 것으로 확인되어" in moved.text()


@pytest.mark.django_db
def test_coming_back_from_the_providers_page_takes_nothing_and_says_why(moved: Visitor) -> None:
    answer = moved.come_back()
    assert (answer.status_code, moved.far.bank.total()) == (409, 0)
    assert [each for each in PRIVATE if each in answer.content.decode()] == []


@pytest.mark.django_db
def test_money_that_could_not_be_booked_is_shown_as_what_it_is(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BREAKS, K2: it was a page "not saved, try again", and then for ever "being checked"."""

    def broken(**_: object) -> None:
        raise TypeError

    monkeypatch.setattr(take_outcome, "mark_record_paid", broken)
    visitor.begin()
    answer = visitor.come_back()
    assert (answer.status_code, answer["Location"]) == (302, f"/pay/orders/{visitor.payment().order_id}/")
    text = visitor.text(answer["Location"])
    assert "돌려드릴 돈입니다" in text and "고지는 그대로" in text and "확인 중" not in text
    assert visitor.payment().state == "surplus"
