"""One table of moves, in the code and in the database: every pair of states is tried on both."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.models import AgencyPosting, Bill, Payment, Quote, Refund
from payments.states import BILL_MOVES, CAPTURED, LIVE, PAYMENT_MOVES, POSTING_MOVES, REFUND_MOVES, SETTLED
from payments.words import BILL_STATES, PAYMENT_STATES, POSTING_STATES, REFUND_STATES
from secretary.kernel.database.transitions import Moves
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
TABLES = {Bill: BILL_MOVES, Payment: PAYMENT_MOVES, Refund: REFUND_MOVES, AgencyPosting: POSTING_MOVES}
WORDS = [(BILL_MOVES, BILL_STATES), (PAYMENT_MOVES, PAYMENT_STATES), (REFUND_MOVES, REFUND_STATES),
         (POSTING_MOVES, POSTING_STATES)]  # fmt: skip


def row_of(model: Any, state: str) -> Any:
    """A row in that state; nothing restricts how a row begins."""
    rows: Any = model.objects
    rows.all()._raw_delete("default")
    first = SAMPLES[model]
    return rows.create(**first, state=state)


SAMPLES: dict[Any, dict[str, Any]] = {}


@pytest.fixture
def samples(far: Far) -> None:
    asker, approver = User.objects.create(username="asker"), User.objects.create(username="approver")
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    SAMPLES[Refund] = {
        "payment": payment, "amount": 1, "expected_remainder": 1, "requested_at": MORNING, "requested_by": asker,
        "approved_by": approver, "key": "k",
    }  # fmt: skip
    SAMPLES[AgencyPosting] = {
        "payment": payment, "posting_id": "p", "kind": "paid", "amount": 1, "happened_at": MORNING,
        "created_at": MORNING, "next_at": MORNING,
    }  # fmt: skip
    SAMPLES[Payment] = {
        name: getattr(payment, name)
        for name in ("bill", "debt", "quote", "provider", "order_id", "key", "amount", "created_at")
    }
    SAMPLES[Bill] = {
        name: getattr(bill, name) for name in ("record", "citizen", "tariff", "debt", "opened_at", "changed_at")
    }


def moves_in_database(model: Any, old: str, new: str) -> bool:
    row = row_of(model, old)
    try:
        with transaction.atomic():
            model.objects.filter(pk=row.pk).update(state=new)
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize("model", [Refund, AgencyPosting, Payment, Bill], ids=lambda model: model.__name__)
def test_the_database_allows_what_the_table_holds_and_nothing_else(samples: None, model: Any) -> None:
    moves: Moves = TABLES[model]
    if model is Bill:
        Payment.objects.all()._raw_delete("default")
        Quote.objects.all()._raw_delete("default")
    allowed = {(old, new) for old in moves for new in moves if old != new and moves_in_database(model, old, new)}
    assert allowed == {(old, new) for old, news in moves.items() for new in news}


@pytest.mark.parametrize(("moves", "words"), WORDS, ids=["bill", "payment", "refund", "posting"])
def test_every_state_has_words(moves: Moves, words: dict[str, str]) -> None:
    assert set(words) == set(moves)


@given(st.lists(st.integers(0, 20), max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_walk_through_the_table_captures_money_twice_or_forgets_that_it_was_captured(choices: list[int]) -> None:
    state, captured = "created", False
    for choice in choices:
        if not PAYMENT_MOVES[state]:
            break
        state = PAYMENT_MOVES[state][choice % len(PAYMENT_MOVES[state])]
        assert not captured or state in CAPTURED
        captured = captured or state in CAPTURED
    assert set(LIVE).isdisjoint(CAPTURED) and set(SETTLED) < set(CAPTURED)


def test_only_money_that_went_back_is_the_end_of_a_payment() -> None:
    assert {state for state, following in PAYMENT_MOVES.items() if not following} == {"refunded", "returned"}
