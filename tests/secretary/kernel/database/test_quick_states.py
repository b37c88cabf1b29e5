"""Between migrations only the model is rendered that is added to; Python code gets all of them as they are."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState

from secretary.kernel.database.quick_states import quick_states
from tests.plugin import ROOT
from tests.support.migrated_tables import schema_of

ID = ("id", models.BigAutoField(primary_key=True))
TO_PERSON = models.ForeignKey("kept.Person", models.CASCADE)
FOLDER = migrations.CreateModel("Folder", [ID, ("person", TO_PERSON)])


def after(state: ProjectState, *operations: Any) -> ProjectState:
    """As an executor goes on, for which the models of each state are rendered."""
    for operation in operations:
        state = state.clone()
        operation.state_forwards("kept", state)
        _ = state.apps
    return state


@pytest.fixture
def state() -> Iterator[ProjectState]:
    """A person and what is kept of it."""
    with quick_states():
        made = ProjectState()
        _ = made.apps
        yield after(made, migrations.CreateModel("Person", [ID]), FOLDER)


def test_only_what_is_added_to_is_rendered(state: ProjectState) -> None:
    later = after(state, migrations.AddField("Person", "name", models.TextField(default="")))
    now, before = (each.apps.get_model("kept", "Person") for each in (later, state))
    assert now is not before and "name" in {field.name for field in now._meta.get_fields()}
    assert later.apps.get_model("kept", "Folder") is state.apps.get_model("kept", "Folder")
    assert [found.related_model.__name__ for found in now._meta.related_objects] == ["Folder"], "found by its name"


def test_a_relation_that_is_removed_is_gone_from_both_sides(state: ProjectState) -> None:
    later = after(state, migrations.RemoveField("Folder", "person"))
    assert later.apps.get_model("kept", "Person")._meta.related_objects == ()


def test_python_code_gets_every_model_as_it_is(state: ProjectState) -> None:
    found = []

    def look(apps: Any, _editor: Any) -> None:
        folder, person = apps.get_model("kept", "Folder"), apps.get_model("kept", "Person")
        found.append(folder._meta.get_field("person").related_model is person)

    later = after(state, migrations.AddField("Person", "name", models.TextField(default="")))
    folder, person = later.apps.get_model("kept", "Folder"), later.apps.get_model("kept", "Person")
    assert folder._meta.get_field("person").related_model is not person, "what RunPython must not get"
    editor: Any = FakeEditor()
    migrations.RunPython(look).database_forwards("kept", editor, later, later)
    assert found == [True]


class FakeEditor:
    class connection:
        alias = "default"


def test_afterwards_django_is_as_it_was() -> None:
    names = ("add_model", "add_field", "_find_reload_model")
    before = [getattr(ProjectState, name) for name in names]
    with pytest.raises(ZeroDivisionError), quick_states():
        assert [getattr(ProjectState, name) for name in names] != before
        1 / 0  # noqa: B018
    assert [getattr(ProjectState, name) for name in names] == before


WITHOUT = """
import contextlib, sys
from django.core.management import execute_from_command_line
from secretary.kernel.database import quick_states
quick_states.quick_states = contextlib.nullcontext
execute_from_command_line(["manage.py", "migrate", "--verbosity", "0"])
"""


@pytest.mark.slow
def test_all_migrations_make_the_same_tables_as_without() -> None:
    made = []
    for name, command in {"quick": ["manage.py", "migrate", "--verbosity", "0"], "whole": ["-c", WITHOUT]}.items():
        with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as owner, owner.cursor() as cursor:
            owner.autocommit = True
            cursor.execute(f"CREATE DATABASE {name}")
            places = {
                each: os.environ[each].rpartition("/")[0] + f"/{name}"
                for each in ("DATABASE_URL", "DATABASE_OWNER_URL")
            }
            subprocess.run([sys.executable, *command], cwd=ROOT, env=os.environ | places, check=True, timeout=900)
            made.append(schema_of(name))
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert "notifications_notice" in made[0] and made[0] == made[1]
