"""Guards taken out of the engine one at a time: what is changed, and the tests that must notice it."""

from dataclasses import dataclass
from pathlib import Path

SQL = "notifications/sql/"
FAULTS = "tests/faults/test_delivery_model.py"
RECEIPTS = "tests/notifications/receipts/test_receipts.py"
MATCH = "tests/notifications/matching/test_match.py"
NO_MOVES = (
    "DO $$ DECLARE t record; BEGIN FOR t IN SELECT tgname, tgrelid::regclass AS place FROM pg_trigger"
    " WHERE tgname ~ '^pgtrigger_(notice|delivery)_moves_' LOOP"
    " EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.place); END LOOP; END $$"
)


@dataclass(frozen=True, slots=True)
class Change:
    """`old` stands exactly once in the file, `new` replaces it."""

    path: str
    old: str
    new: str

    def make(self, tree: Path) -> None:
        file = tree / self.path
        text = file.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise RuntimeError(f"{self.path} has {self.old!r} not once")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A guard that is missing. `operation`: of a migration that takes it out of the database, too."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
    operation: str = ""


MUTANTS = (
    Mutant(
        "no fence: an old attempt's outcome moves the notice",
        (Change(f"{SQL}apply_outcomes.sql", "(n.fence = l.fence OR l.state = 'delivered')", "true"),),
        (RECEIPTS, FAULTS, "tests/notifications/delivery/test_late_workers.py"),
    ),
    Mutant(
        "no unique key: a cause makes a notice each time that it is matched",
        (
            Change(
                "notifications/matching/match_statements.py",
                "ON CONFLICT (record_id, citizen_id, cause) DO NOTHING",
                "",
            ),
        ),
        (MATCH,),
        operation='migrations.RemoveConstraint("notice", "notice_once_per_cause")',
    ),
    Mutant(
        "no consent check at the claim",
        (
            Change(f"{SQL}claim.sql", "WHEN s.id IS NULL THEN 'unsubscribed'", ""),
            Change(f"{SQL}claim.sql", "WHEN co.withdrawn_at IS NOT NULL THEN 'consent_withdrawn'", ""),
        ),
        ("tests/faults/test_withdrawal.py", "tests/notifications/delivery/test_deliver.py"),
    ),
    Mutant(
        "a watermark: what commits late is not matched",
        (
            Change(
                "notifications/matching/match_statements.py",
                "WHERE matched_at IS NULL AND {which} ORDER BY",
                "WHERE matched_at IS NULL AND {which} AND id > coalesce((SELECT max(id) FROM notifications_ingestbatch"
                " WHERE matched_at IS NOT NULL), 0) ORDER BY",
            ),
        ),
        ("tests/notifications/matching/test_late_commit.py",),
    ),
    Mutant(
        "matching does not wait for claims that have begun",
        (
            Change(
                "notifications/matching/match.py",
                "            if any(may_be_claimed for *_, may_be_claimed in found):\n",
                "            if not found:\n",
            ),
        ),
        ("tests/notifications/delivery/test_correction_race.py",),
    ),
    Mutant(
        "receipts applied backwards: the worst report of a message wins",
        (
            Change(
                "notifications/delivery/moves.py",
                "array_position(ARRAY['delivered', 'failed', 'returned', 'sent', 'unknown'], state)",
                "array_position(ARRAY['unknown', 'sent', 'returned', 'failed', 'delivered'], state)",
            ),
        ),
        (RECEIPTS,),
    ),
    Mutant(
        "no table of moves: a late failure undoes a delivery",
        (
            Change(
                "notifications/delivery/moves.py",
                "d.state || '>' || l.state = ANY(ARRAY[{_LEGAL}])",
                "(true OR d.state = ANY(ARRAY[{_LEGAL}]))",
            ),
        ),
        (RECEIPTS, FAULTS),
        operation=f"migrations.RunSQL({NO_MOVES!r})",
    ),
    Mutant(
        "what is unknown is sent again",
        (Change("notifications/delivery/outcomes.py", "Verdict.UNKNOWN: UNKNOWN,", "Verdict.UNKNOWN: RETURNED,"),),
        ("tests/notifications/delivery/test_deliver.py", FAULTS),
    ),
    Mutant(
        "an event of a gateway counts each time that it comes",
        (
            Change(
                f"{SQL}store_receipts.sql",
                "SELECT %(gateway)s, event_id,",
                "SELECT %(gateway)s, event_id || clock_timestamp(),",
            ),
        ),
        (RECEIPTS,),
    ),
    Mutant(
        "a receipt of a message that is polled no more waits for no disk",
        (Change("notifications/delivery/moves.py", '"SET LOCAL synchronous_commit TO DEFAULT"', '"SELECT 1"'),),
        ("tests/notifications/receipts/test_lost_receipts.py",),
    ),
    Mutant(
        "an older version of a record overwrites a newer one",
        (Change(f"{SQL}upsert_records.sql", "WHERE {newer} AND", "WHERE ({newer} OR true) AND"),),
        ("tests/notifications/intake/test_ingest.py", "tests/notifications/intake/test_feed_versions.py"),
    ),
)
