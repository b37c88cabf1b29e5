"""Find up to which sum a debt can be paid by card, and which fee the collection agency may add. By tariff code.

[source: 질서위반행위규제법 §17의2 in force 2026-10-02 and 도로교통법 시행령 §89 in force 2026-06-09, as a public
repository of Korean law stores them: "과태료 납부대행기관은 납부자로부터 … 수수료를 받을 수 있다" (§17의2③),
"200만원(부가되는 가산금 및 중가산금을 포함한다)" (§89①), "1천분의 15를 초과할 수 없다" (§89③). That 도로교통법
§164의2 applies this to penalties: from the statute]

Which agencies accept cards, and what share is added there, is in no record: the installation's settings state it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from payments.tariffs.contract import Note, Text


@dataclass(frozen=True, slots=True)
class Cards:
    limit: int  # won, with surcharges
    fee_article: str
    limit_article: str


CARDS: Final[Mapping[str, Cards]] = {
    "traffic_fine": Cards(2_000_000, "질서위반행위규제법 §17의2③, 도로교통법 시행령 §89③", "도로교통법 시행령 §89①"),
    "traffic_penalty": Cards(2_000_000, "도로교통법 §164의2, 시행령 §89③", "도로교통법 §164의2, 시행령 §89①"),
}


def card_notes(tariff: str, *, amount: int, fee_permille: int) -> tuple[Note, ...]:
    """Return what is true of paying `amount` (won) by card, where a fee of so many thousandths may be added; none where
    nothing is known of cards for this debt."""
    cards = CARDS.get(tariff)
    if cards is None:
        return ()
    fee = (_fee(cards, amount, fee_permille),) if fee_permille and amount <= cards.limit else ()
    return (*fee, _limit(cards, amount))


def _fee(cards: Cards, amount: int, permille: int) -> Note:
    percent, most = f"{permille / 10:g}%", amount * permille // 1000
    ko = (
        f"다른 곳에서 카드로 납부하시면 납부대행기관이 금액의 {percent}까지({most:,}원 이하) 수수료를 "
        f"더 받을 수 있습니다. 여기에서는 {amount:,}원만 결제됩니다."
    )
    en = (
        f"If you pay by card elsewhere, the settlement agency may add a fee of up to {percent} ({most:,} won at most). "
        f"Here exactly {amount:,} won is charged."
    )
    return Note("card_fee", Text(ko, en), cards.fee_article)


def _limit(cards: Cards, amount: int) -> Note:
    ko = f"카드로는 가산금을 포함해 {cards.limit // 10_000}만 원까지 납부하실 수 있습니다."
    en = f"A card can be used for up to {cards.limit:,} won, surcharges included."
    if amount > cards.limit:
        ko = f"{ko} 이 금액은 카드로 납부하실 수 없으니 계좌이체 등 다른 방법을 이용해 주세요."
        en = f"{en} This amount cannot be paid by card: please use a transfer or another way."
    return Note("card_limit", Text(ko, en), cards.limit_article)
