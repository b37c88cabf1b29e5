"""Migrations since the last release let that release's code go on, and lock no large table for long."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from benchmarks.migrations import RELEASED
from secretary.kernel.database.quick_states import quick_states
from tests.support.migration_rules import problems

APPS = ("common", "subscriptions", "notifications", "payments", "citizens", "ops")
# "app.migration: what the rule says" → why it is right all the same.
EXCUSED: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def connected(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Reading only; outside a transaction, in which nothing could be built concurrently."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture(scope="module")
def loader(connected: None) -> MigrationLoader:
    return MigrationExecutor(connection).loader


def released(loader: MigrationLoader) -> ProjectState:
    return loader.project_state(list(RELEASED.items()))


def tables(state: ProjectState) -> set[str]:
    return {model._meta.db_table for model in state.apps.get_models()}


def plan(loader: MigrationLoader) -> list[Migration]:
    """All of ours, in their order, that the release does not have."""
    has = {key for leaf in RELEASED.items() for key in loader.graph.forwards_plan(leaf)}
    order = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    return [loader.graph.nodes[key] for key in dict.fromkeys(order) if key not in has and key[0] in APPS]


def judged(migration: Migration, before: ProjectState, known: set[str]) -> list[str]:
    """Its problems; `before` becomes the state after it."""
    grown = set(grown_columns(migration, before))
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor, quick_states():
        migration.apply(before, editor, collect_sql=True)
    return problems(migration, editor.collected_sql, known=known, grown=grown)


def grown_columns(migration: Migration, before: ProjectState) -> Iterator[str]:
    """Text columns that get longer: nothing is rewritten."""
    for operation in migration.operations:
        if isinstance(operation, migrations.AlterField):
            model = before.apps.get_model(migration.app_label, operation.model_name)
            old, new = model._meta.get_field(operation.name), operation.field
            text = isinstance(old, models.CharField) and isinstance(new, models.CharField)
            if text and (new.max_length or 0) >= (old.max_length or 0):
                yield f"{model._meta.db_table}.{old.column}"


def test_no_migration_since_the_release_stops_old_code_or_locks_a_large_table(loader: MigrationLoader) -> None:
    state = released(loader)
    known = tables(state)
    found = [
        found
        for migration in plan(loader)
        for problem in judged(migration, state, known)
        if (found := f"{migration.app_label}.{migration.name}: {problem}") not in EXCUSED
    ]
    assert found == [], "\n".join(["", *found])


def notice(operation: type[Operation], *arguments: Any, **options: Any) -> Operation:
    return operation("notice", *arguments, **options)


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("notifications", "Notice").objects.update(reason="")


SINCE = models.DateTimeField(default="2026-01-01T00:00Z")
ANOTHER_IN_EACH_ROW = "ALTER TABLE notifications_notice ADD COLUMN x uuid DEFAULT gen_random_uuid()"
INDEX = models.Index(fields=["reason"], name="of_reason")
CHECK = models.CheckConstraint(condition=models.Q(crashes__gte=0), name="crashes_count")
BAD = {
    "drops a column": [notice(migrations.RemoveField, "reason")],
    "renames in": [notice(migrations.RenameField, "reason", "why")],
    "drops notifications_pushmessage": [migrations.DeleteModel("PushMessage")],
    "NOT NULL without a default": [notice(migrations.AddField, "why", models.CharField(max_length=9, default=""))],
    "old code may write NULL": [notice(migrations.AlterField, "finished_at", SINCE)],
    "changes a type": [notice(migrations.AlterField, "crashes", models.BigIntegerField())],
    "builds an index on notifications_notice": [notice(migrations.AddIndex, INDEX)],
    "reads notifications_notice through": [notice(migrations.AddConstraint, CHECK)],
    "a field without a check": [notice(migrations.AddField, "tries", models.PositiveIntegerField(db_default=0))],
    "while it still holds the lock": [notice(AddConstraintNotValid, CHECK), notice(ValidateConstraint, CHECK.name)],
    "holds rows of notifications_notice": [migrations.RunSQL("UPDATE notifications_notice SET reason = ''", "")],
    "cannot be undone": [migrations.RunSQL("SELECT 1")],
    "in one transaction": [migrations.RunPython(fill, fill)],
    "rewrites the table": [migrations.RunSQL(ANOTHER_IN_EACH_ROW, "")],
    "inside a transaction: atomic": [migrations.RunSQL("CREATE INDEX CONCURRENTLY x ON notifications_notice (id)", "")],
}  # fmt: skip
GOOD = {
    "a column that may be empty": [notice(migrations.AddField, "why", models.CharField(max_length=9, null=True))],
    "one with a default": [notice(migrations.AddField, "why", models.CharField(max_length=9, db_default=""))],
    "a longer text": [notice(migrations.AlterField, "reason", models.CharField(max_length=500))],
    "a new table": [migrations.CreateModel("Why", [("id", models.BigAutoField(primary_key=True))])],
    "a constraint for new rows": [notice(AddConstraintNotValid, CHECK)],
}


def judge(loader: MigrationLoader, operations: Sequence[Operation], *, atomic: bool = True) -> list[str]:
    migration = Migration("0099_next", "notifications")
    migration.operations, migration.atomic = list(operations), atomic  # type: ignore[misc]
    state = released(loader)
    return judged(migration, state, tables(state))


@pytest.mark.parametrize("words", BAD)
def test_what_would_stop_old_code_or_lock_a_large_table_is_named(loader: MigrationLoader, words: str) -> None:
    assert [problem for problem in judge(loader, BAD[words]) if words in problem]  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", GOOD)
def test_what_old_code_does_not_notice_is_let_through(loader: MigrationLoader, kind: str) -> None:
    assert judge(loader, GOOD[kind]) == []  # type: ignore[arg-type]


def test_an_index_is_built_beside_the_work(loader: MigrationLoader) -> None:
    assert judge(loader, [notice(AddIndexConcurrently, INDEX)], atomic=False) == []
