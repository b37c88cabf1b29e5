"""Define a table of how a row's state moves, and the trigger by which the database enforces it."""

from collections.abc import Mapping

import pgtrigger

Moves = Mapping[str, tuple[str, ...]]


def moves_only_forward(name: str, moves: Moves, *, of_many: bool = False) -> pgtrigger.Trigger:
    """Return a trigger that refuses every change of `state` that the table does not hold.

    The test is in the trigger's WHEN clause, so a legal change costs no function call. After the update, not before it:
    for any trigger BEFORE UPDATE of a table PostgreSQL locks each row by itself first, which is a write of its own.

    `of_many`: of a table whose statements change many rows, thousands of times an hour. PostgreSQL reads the condition
    anew for each statement; a list of words is a tenth of the same as pairs, and is compared in a tenth of the time.
    """
    pairs = [(old, new) for old, news in moves.items() for new in news]
    if of_many:
        words = ",".join(f"{old}>{new}" for old, new in pairs)
        illegal = f"OLD.state || '>' || NEW.state <> ALL ('{{{words}}}'::text[])"
    else:
        listed = ", ".join(f"('{old}', '{new}')" for old, new in pairs)
        illegal = f"(OLD.state, NEW.state) NOT IN ({listed})"
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(f"OLD.state IS DISTINCT FROM NEW.state AND {illegal}"),
        func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';",
    )
