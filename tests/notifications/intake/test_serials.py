"""Test R7: resident numbers are refused in every notation; similar serials are accepted only by a declared pattern.

Numbers here are made up: serials of 1000000 and the like behind a birth date are unassigned.
"""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications.intake.serials import compiled, says_nothing
from notifications.models import Record, RefusedLine, SerialPattern
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import ingest, make_data_type, make_feed, record
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
PATTERN = "######1######"
DASHES = ["", " ", "-", " - ", "–", "—", "―", "－", "‐", "‑", ".", " . ", "·", "ㅡ", "~", "_", "\u00a0", "\t"]
RANDOM = random.Random(7)


@pytest.fixture(autouse=True)
def fine() -> Any:
    make_data_type()
    return make_feed()


def resident_number() -> Any:
    """As a register would write one, of a century and a sex that exist; an unassigned serial."""
    born = f"{RANDOM.randint(0, 99):02d}{RANDOM.randint(1, 12):02d}{RANDOM.randint(1, 28):02d}"
    written = f"{born}{RANDOM.choice(DASHES)}{RANDOM.randint(0, 9)}{RANDOM.randint(0, 9):06d}"
    if RANDOM.random() < 0.3:
        written = written.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    return written


def declared(feed: Any, pattern: Any = PATTERN) -> Any:
    operator, other = staff_client("operator"), staff_client("another operator")
    fill_in(operator, "/admin/notifications/serialpattern/add/", feed=str(feed.pk), pattern=pattern)
    row = SerialPattern.objects.get()
    fill_in(other, step(row, "confirm"), reason="기관 공문 확인")
    return row


def step(row: Any, name: Any) -> Any:
    return f"/admin/notifications/serialpattern/{row.pk}/step/{name}/"


def test_a_thousand_writings_of_resident_numbers_are_refused_wherever_they_stand(fine: Any) -> None:
    declared(fine)
    places = ("violation", "plate")
    ingest(*(record(fields={places[n % 2]: f"가 {resident_number()}"}) for n in range(500)))
    ingest(*(record(external_id=f"2-{resident_number()}") for _ in range(500)))
    assert not Record.objects.exists()
    assert RefusedLine.objects.count() == 1000
    assert set(RefusedLine.objects.values_list("external_id", flat=True).filter(detail="external_id")) == {""}


def test_a_thousand_serials_of_a_declared_pattern_are_taken_in(fine: Any) -> None:
    declared(fine)
    serials = [f"26{month:02d}{day:02d}1{n:06d}" for month in range(1, 13) for day in range(1, 29) for n in range(3)]
    counts = ingest(*(record(external_id=serial) for serial in serials[:1000]))
    assert (counts.new, counts.refused) == (1000, 0)


@pytest.mark.parametrize("number", ["2611281000123", "260310-1234567"])
def test_without_a_pattern_the_line_is_refused_with_its_field(number: Any) -> None:
    ingest(record(external_id=number))
    line = RefusedLine.objects.get()
    assert (line.line, line.reason, line.detail, line.external_id) == (1, "resident_number", "external_id", "")


def test_a_pattern_counts_from_the_second_administrators_confirmation_on_and_for_its_feed_alone(fine: Any) -> None:
    operator = staff_client("operator")
    fill_in(operator, "/admin/notifications/serialpattern/add/", feed=str(fine.pk), pattern=PATTERN)
    row = SerialPattern.objects.get()
    fill_in(operator, step(row, "confirm"), reason="제가 확인했습니다")
    assert ingest(record(external_id="2611281000123")).refused == 1
    fill_in(staff_client("another operator"), step(row, "confirm"), reason="기관 공문 확인")
    assert ingest(record(external_id="2611281000123")).new == 1
    assert ingest(record(external_id="2611281000124"), feed=make_feed("other")).refused == 1
    fill_in(operator, step(row, "end"), reason="형식이 바뀜")
    assert ingest(record(external_id="2611281000125")).refused == 1
    done = AuditEvent.objects.filter(action__startswith="serial pattern").order_by("id")
    assert [action.rpartition(" ")[2] for action in done.values_list("action", flat=True)] == [
        *("declared", "confirmed", "ended"),
    ]


@pytest.mark.parametrize("pattern", ["#############", "######-#######", ".*", "[0-9]{13}", "번호######"])
def test_a_pattern_that_lets_everything_in_or_is_none_is_refused(fine: Any, pattern: Any) -> None:
    page = fill_in(
        staff_client("operator"), "/admin/notifications/serialpattern/add/", feed=str(fine.pk), pattern=pattern
    )
    assert "errornote" in page.content.decode()
    assert not SerialPattern.objects.exists()


@given(st.from_regex(r"\A[A-Za-z0-9#._:/-]{1,64}\Z"))
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_pattern_says_only_which_digits_may_differ(pattern: Any) -> None:
    serial = "".join(RANDOM.choice("0123456789") if sign == "#" else sign for sign in pattern)
    assert compiled(pattern).fullmatch(serial)
    assert not compiled(pattern).fullmatch(serial + "1")
    if not says_nothing(pattern):
        place = next(n for n, sign in enumerate(pattern) if sign.isalnum())
        other = "0" if pattern[place] != "0" else "1"
        assert not compiled(pattern).fullmatch(f"{serial[:place]}{other}{serial[place + 1 :]}")


def test_the_page_of_a_run_says_what_to_do(fine: Any) -> None:
    ingest(record(external_id="2611281000123"))
    run = RefusedLine.objects.get().run_id
    page = staff_client("operator").get(f"/admin/notifications/feedrun/{run}/change/").content.decode()
    assert "외국인등록번호" in page
    assert "기관 일련번호 형식" in page
