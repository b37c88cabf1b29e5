"""What an agency says, as a notice writes it: names with a dot, and legal deadlines."""

import pytest

from secretary.common.korean import with_particle
from subscriptions.specs import FieldSpec, Words
from subscriptions.wording.links import find_link, find_link_in_value, spaced_names
from subscriptions.wording.values import writer


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("St.Mary 소아과", "St. Mary 소아과"),
        ("Dr.Kim 의원", "Dr. Kim 의원"),
        ("G.Tower 3층", "G. Tower 3층"),
        ("세종대로 2.5km", "세종대로 2.5km"),
    ],
)
def test_a_name_with_a_dot_is_a_name_and_written_so_that_no_phone_makes_a_link_of_it(value, written):
    assert find_link_in_value(value) == ""
    assert find_link(spaced_names(value)) == ""
    assert writer(FieldSpec("place", "text", "장소", Words("장소", "Place")), "ko")(value) == written


@pytest.mark.parametrize(
    ("day", "ko", "en"),
    [
        ("2026-05-01", "2026. 5. 4.(월, 고지서에는 5. 1.)", "Mon, 4 May 2026 (bill: 1 May)"),
        ("2026-05-04", "2026. 5. 4.(월)", "Mon, 4 May 2026"),
        ("2026-09-25", "2026. 9. 28.(월, 고지서에는 9. 25.)", "Mon, 28 September 2026 (bill: 25 Sep)"),
    ],
)
def test_a_legal_deadline_says_the_day_on_which_it_ends_and_the_agencys_own_where_that_is_another(day, ko, en):
    due = FieldSpec("due_on", "date", "납부기한", Words("납부기한", "Due date"), date_slot=1, deadline=True)
    assert (writer(due, "ko")(day), writer(due, "en")(day)) == (ko, en)
    assert with_particle(writer(due, "ko")("2026-05-01"), "은/는").endswith("은")


@pytest.mark.parametrize(
    "value", ["Dr.Kim/pay", "pay.Example.com", "example.kr", "www.Kim", "http://Dr.Kim", "a@Dr.Kim", "Dr.Kim:8080"]
)
def test_a_link_in_a_value_is_a_link_whatever_its_capitals(value):
    assert find_link_in_value(value)
