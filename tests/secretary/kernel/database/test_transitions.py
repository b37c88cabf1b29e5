"""Test that the triggers of moves refuse just what their table does not hold, written as pairs and as words."""

from itertools import product

import pytest
from django.db import connection

from notifications.states import DELIVERY_MOVES, NOTICE_MOVES
from secretary.kernel.database.transitions import Moves, moves_only_forward
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("of_many", [False, True])
@pytest.mark.parametrize("moves", [NOTICE_MOVES, DELIVERY_MOVES])
def test_every_pair_of_states(moves: Moves, of_many: bool) -> None:
    condition = present(moves_only_forward("moves", moves, of_many=of_many).condition).sql
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT OLD.state, NEW.state FROM unnest(%(states)s::varchar[]) AS OLD(state),"
            f" unnest(%(states)s::varchar[]) AS NEW(state) WHERE {condition}",
            {"states": list(moves)},
        )
        refused = set(cursor.fetchall())
    assert refused == {(old, new) for old, new in product(moves, moves) if new not in (old, *moves[old])}
