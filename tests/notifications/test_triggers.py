"""Test that all code that is made of the one table of triggers handles every trigger."""

import re

from notifications.matching.triggers import CAUSE, MEANINGS, MOMENT, OF_WITHDRAWN, OVER_ONCE_PAID
from subscriptions.triggers import NOT_YOURS, SAY_END, SAY_OPEN, STATES, TOLD_ONLY, TRIGGERS, holding_in

ENDS = ("paid", "completed", "withdrawn", "objected")


def test_every_trigger_has_its_sql_but_for_the_record_of_another_person() -> None:
    """Those notices are made by notify_former.py, at no moment of the record."""
    assert set(MEANINGS) == set(TRIGGERS) - {NOT_YOURS}
    for sql in (MOMENT, CAUSE):
        named = set(re.findall(r"\w+", " ".join(re.findall(r"^WHEN st\.trigger IN \(([^)]*)\)", sql, re.M))))
        assert named == set(MEANINGS)


def test_what_the_table_says_of_states() -> None:
    assert SAY_END == ENDS
    assert SAY_OPEN == ("opened", "changed", "reopened")
    assert ("changed", "reopened", *ENDS, NOT_YOURS) == TOLD_ONLY
    assert set(holding_in("open")) == {"opened", "event", "changed", "reopened", NOT_YOURS}
    assert all(set(trigger.holds_in or ()) <= set(STATES) for trigger in TRIGGERS.values())


def test_a_withdrawn_record_is_notified_as_withdrawn_or_as_not_theirs_and_as_nothing_else() -> None:
    assert OF_WITHDRAWN == "('withdrawn', 'not_yours')"


def test_a_payment_ends_the_notices_of_what_is_due() -> None:
    assert "('opened', 'event', 'changed', 'reopened')" in OVER_ONCE_PAID
