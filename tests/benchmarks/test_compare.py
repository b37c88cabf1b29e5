"""An earlier commit and this tree, measured in turns: which tree runs when, and what the table says of it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from benchmarks import compare

# Stands for a tree's Python: writes down that it ran, and reports the figures of that tree.
PYTHON = """#!/bin/sh
echo "$(cat kind) $*" >>{log}
echo "some words first"
cat figures
"""
INSTALLER = """install_requirements() {{
    mkdir -p .venv/bin
    cp {python} .venv/bin/python
}}
"""


def git(tree: Path, *arguments: str) -> None:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=tree, env=environment, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first commit takes 2 ms an item, and whose working tree takes 1."""
    tree, python = tmp_path / "tree", tmp_path / "python"
    python.write_text(PYTHON.format(log=tmp_path / "log"))
    python.chmod(0o755)
    (tree / "secretary" / "local").mkdir(parents=True)
    (tree / "secretary" / "local" / "install.sh").write_text(INSTALLER.format(python=python))
    (tree / "manage.py").touch()
    (tree / "benchmarks").mkdir()
    (tree / "benchmarks" / "stub_gateway.py").write_text("of the base")
    (tree / "kind").write_text("base")
    figures = {"name": "deliver", "size": 10, "cpu_ms_per_item": 2.0, "lost": 0, "channel": "sms", "only_there": 5}
    (tree / "figures").write_text(json.dumps(figures) + "\n")
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "Begin")
    (tree / "kind").write_text("here")
    (tree / "benchmarks" / "rig").mkdir()
    (tree / "benchmarks" / "rig" / "stub_gateway.py").write_text("of this tree")
    (tree / "figures").write_text(json.dumps({**figures, "cpu_ms_per_item": 1.0} | {"only_there": None}) + "\n")
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to(python)
    monkeypatch.setattr(compare, "ROOT", tree)
    monkeypatch.setattr(compare, "HOME", tmp_path / "compare")
    return tree


def test_memory_of_the_other_tree_is_measured_by_this_one(tree: Path, tmp_path: Path) -> None:
    assert compare.main(["memory", "--base", "HEAD", "--rounds", "1"]) == 0
    other = tmp_path / "compare" / git_hash(tree)
    first, second = (tmp_path / "log").read_text().splitlines()
    assert first == f"here -m benchmarks memory --json --tree {other} --channel kakaotalk"
    assert second == f"here -m benchmarks memory --json --tree {tree} --channel kakaotalk"


def git_hash(tree: Path) -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=8", "HEAD"], cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_both_trees_run_in_turns_and_their_medians_make_the_ratio(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare.main(["deliver", "--base", "HEAD", "--rounds", "2", "--size", "10", "--channel", "sms"]) == 0
    words = "-m benchmarks deliver --json --channel sms --size 10"
    assert (tmp_path / "log").read_text().splitlines() == [f"base {words}", f"here {words}"] * 2
    assert (tmp_path / "compare" / git_hash(tree) / "benchmarks" / "stub_gateway.py").read_text() == "of this tree"
    shown = capsys.readouterr()
    report = json.loads(shown.out.splitlines()[-1])
    assert report["medians"] == {
        "cpu_ms_per_item": {"base": 2.0, "here": 1.0, "ratio": 0.5},
        "lost": {"base": 0, "here": 0, "ratio": None},
    }
    assert "| cpu_ms_per_item | 2 | 1 | 0.50 |" in shown.err and "| lost | 0 | 0 | – |" in shown.err


def test_an_unknown_commit_and_a_benchmark_that_fails_are_named(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["deliver", "--base", "no-such-commit"]) == 1
    assert "there is no such commit" in capsys.readouterr().err
    (tree / "figures").unlink()
    assert compare.main(["deliver", "--base", "HEAD", "--rounds", "1"]) == 1
    assert "-m benchmarks deliver --json --channel kakaotalk` ended with 1" in capsys.readouterr().err
