"""Each variable of `.env.example` has a test that changes it. A new one gets a line in tested_by.py, or this fails.

Where several variables share a parametrised test, the test's own table names each.
"""

import ast
import re
from functools import cache

from tests.plugin import ROOT
from tests.settings.tested_by import TESTED_BY
from tests.support.together import in_one_test


def variables() -> list[str]:
    return re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_variable_has_a_test_and_every_line_here_a_variable() -> None:
    assert set(TESTED_BY) == set(variables())


@in_one_test("name", TESTED_BY)
def test_the_test_exists(name: str) -> None:
    file, _, test = TESTED_BY[name].partition("::")
    assert test in functions_of(file), f"{name}: there is no {TESTED_BY[name]}"


def test_a_variable_of_a_setting_is_also_read_as_the_environment_says() -> None:
    """Vendors' own variables go to their adapters as they are; compose's go to containers."""
    from tests.settings.test_environment import READ

    groups = ("delivery_hours", "outages", "payments")  # the others have tests of their own kind
    files = [ROOT / "secretary/settings.py", *(ROOT / f"secretary/setting_groups/{group}.py" for group in groups)]
    own = {
        name
        for file in files
        for name in re.findall(r"env\.(?!prefixed)\w+\(\s*\"([A-Z_]+)\"", file.read_text(encoding="utf-8"))
    }
    assert own <= set(READ), own - set(READ)
