"""What pages state about paying by card: the fee of the settlement agency and the limit, as law has them."""

import pytest

from payments.tariffs.cards import CARDS, card_notes
from payments.tariffs.ladder import tariffs


@pytest.mark.parametrize("tariff", ["traffic_fine", "traffic_penalty"])
@pytest.mark.parametrize(
    ("amount", "permille", "percent", "fee"), [(32000, 15, "1.5%", "480"), (41_230, 10, "1%", "412")]
)
def test_the_fee_is_named_with_what_it_can_be_at_most(
    tariff: str, amount: int, permille: int, percent: str, fee: str
) -> None:
    fee_note, limit = card_notes(tariff, amount=amount, fee_permille=permille)
    for words in fee_note.what:
        assert percent in words and fee in words and f"{amount:,}" in words
    assert "§89③" in fee_note.article and "§89①" in limit.article
    assert "200만 원" in limit.what.ko and "2,000,000 won" in limit.what.en
    assert "없으니" not in limit.what.ko and "cannot" not in limit.what.en


def test_an_agency_that_adds_nothing_is_not_shown_to_add_something() -> None:
    assert [note.code for note in card_notes("traffic_fine", amount=32000, fee_permille=0)] == ["card_limit"]


@pytest.mark.parametrize(("amount", "beyond"), [(2_000_000, False), (2_000_001, True)])
def test_the_page_says_what_no_card_may_pay_and_names_no_fee(amount: int, beyond: bool) -> None:
    notes = card_notes("traffic_fine", amount=amount, fee_permille=15)
    assert (
        ("카드로 납부하실 수 없으니" in notes[-1].what.ko) == beyond == ("cannot be paid by card" in notes[-1].what.en)
    )
    assert ("card_fee" in [note.code for note in notes]) == (not beyond)


def test_of_a_debt_whose_law_is_not_known_nothing_is_shown() -> None:
    assert card_notes("water_bill", amount=32000, fee_permille=15) == ()
    assert set(CARDS) <= set(tariffs())
