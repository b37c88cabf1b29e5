"""The checks before a commit are those of `./test`; the Python of the image is the one that these tests run on."""

import os
import re
import sys
import tomllib
from typing import Any

import pytest
import yaml

from tests.plugin import ROOT

PYTHON = ".venv/bin/python"
OF_PRODUCTION = "env -i PATH=\"$PATH\" LC_ALL=C.UTF-8 $(grep -v '^#' tests/production.env) "  # production() in ./test


def steps_of_test() -> dict[str, str]:
    """The static checks of `./test`: name → command."""
    body = re.search(r"^static_checks\(\) .*?^}", (ROOT / "test").read_text(encoding="utf-8"), re.M | re.S)
    assert body is not None
    found = re.findall(r'^\s+step "([^"]+)" (.+)$', body[0], re.M)
    return {
        name: command.replace("$python", PYTHON).replace("production ", OF_PRODUCTION, 1) for name, command in found
    }


def hooks() -> list[dict[str, Any]]:
    (ours,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert ours["repo"] == "local"  # nothing is fetched from elsewhere
    return list(ours["hooks"])


def test_before_each_commit_the_static_checks_of_test_run() -> None:
    entries = {
        hook["name"]: re.sub(r"^sh -c '(.*)'$", r"\1", hook["entry"]).replace('"^#"', "'^#'") for hook in hooks()
    }
    assert entries == steps_of_test()
    assert len(entries) == 6


def test_each_hook_looks_at_the_whole_tree_with_what_venv_holds() -> None:
    assert [hook["name"] for hook in hooks() if hook["language"] != "system" or hook["pass_filenames"]] == []


def pythons_of_the_image() -> set[str]:
    return set(re.findall(r"^FROM python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M))


def test_the_image_has_the_python_that_is_checked_and_locked_for() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (locked_for,) = re.findall(r"--python-version (\S+)", (ROOT / "requirements.in").read_text(encoding="utf-8"))
    assert pythons_of_the_image() == {tools["mypy"]["python_version"], locked_for}
    assert tools["ruff"]["target-version"] == "py" + locked_for.replace(".", "")


def test_the_image_has_the_python_that_these_tests_run_on() -> None:
    """Another one of those that `./test` takes says so; continuous integration has to run on the image's."""
    here = "{}.{}".format(*sys.version_info)
    if pythons_of_the_image() != {here} and not os.environ.get("CI"):
        pytest.skip(f"this is Python {here}; the image has {', '.join(pythons_of_the_image())}")
    assert pythons_of_the_image() == {here}
