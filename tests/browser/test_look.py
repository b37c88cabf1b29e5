"""What every page is looked at for is found."""

from typing import Any

from tests.browser.look import assert_good, raw_forms


def test_days_amounts_and_numbers_have_one_form(phone: Any) -> None:
    ours = "2026. 3. 14.(토) 오후 2:00, 32,000원, KRW 32,000, 010-****-1234, 02-0000-0000, 접수번호 2026-0001, 2026년"
    phone.set_content(f"<p>{ours} 예: 010-0000-1234</p><input value='010-0000-0001'>")
    assert raw_forms(phone) == []
    for raw in (
        "2026-03-14",
        "32000원",
        "1,200, 32000 won",
        "KRW 32000",
        "010-0000-0001",
        "01000000001",
        "+821000000001",
    ):
        phone.set_content(f"<main><p>{ours} {raw}</p></main>")
        assert len(raw_forms(phone)) == 1, raw


def test_a_page_with_a_raw_day_is_not_good(phone: Any) -> None:
    phone.set_content("<main><h1>2026-03-14</h1></main>")
    try:
        assert_good(phone, "raw")
    except AssertionError as refused:
        assert "2026-03-14" in str(refused)
    else:
        raise AssertionError("not seen")
