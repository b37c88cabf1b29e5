"""`./run` where something is missing: one line that says what to install."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "dirname", "basename", "rm", "cat", "cksum")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing is installed, and a PATH without Python."""
    for name in ("run", "test", "secretary/local/install.sh", "requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


@pytest.mark.parametrize("script", ["run", "test"])
def test_no_python_is_reported_in_one_line(clone: Path, script: str) -> None:
    output = start(clone, script)
    assert output.returncode == 1
    assert output.stderr.startswith(f"{script}: needs Python 3.11 to 3.14: install python3")
    assert (output.stderr.count("\n"), output.stdout) == (1, "")


def test_a_python_that_is_too_old_is_as_good_as_none(clone: Path) -> None:
    put_python(clone, "exit 1")
    assert "needs Python 3.11" in start(clone, "run").stderr


def test_a_python_without_venv_is_reported_in_one_line(clone: Path) -> None:
    put_python(clone, 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11;; esac')
    output = start(clone, "run")
    assert output.returncode == 1
    assert "install python3.11-venv" in output.stderr
    assert (output.stderr.count("\n"), output.stdout) == (1, "")


def test_it_works_from_any_folder(clone: Path) -> None:
    output = start(clone, "run", folder=Path("/"))
    assert "needs Python" in output.stderr


def put_python(clone: Path, script: str) -> None:
    python = clone / "bin/python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def start(clone: Path, script: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": str(clone / "bin"), "HOME": str(clone)}
    return subprocess.run(
        [clone / script], cwd=folder or os.fspath(clone), env=environment, capture_output=True, text=True
    )
