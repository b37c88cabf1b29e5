"""`./run --reload`: a changed source file starts again what runs its code, and nothing else."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretary.local.embedded import servers
from secretary.local.embedded.ports import random_free, who_answers
from secretary.local.logs import Log
from secretary.local.reload import Reloader, Sources
from secretary.local.supervisor import Supervisor
from tests.plugin import ROOT
from tests.secretary.local.test_supervisor import eventually

SAYS = "import {module}, time; print({module}.WORD, flush=True); time.sleep(600)"


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product and a sandbox of one module each."""
    for module in ("payments", "sandbox"):
        (tmp_path / module).mkdir()
        write(tmp_path / module / "__init__.py", "WORD = 'first'\n")
    return tmp_path


@pytest.fixture
def reloading(tree: Path, output: io.StringIO) -> Iterator[Callable[[], None]]:
    """Two children that print the word of their module; what ./run does between two looks. No time passes: the pause
    after a crash never ends."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    supervisor = Supervisor(environment, Log(output), clock=lambda: 0.0)
    reloader = Reloader(supervisor, Sources(tree))
    for name, module in (("web", "payments"), ("sandbox", "sandbox")):
        supervisor.start(name, [sys.executable, "-P", "-c", SAYS.format(module=module)])

    def turn() -> None:
        supervisor.look()
        reloader.look()

    try:
        eventually(lambda: output.getvalue().count("first") == 2)
        yield turn
    finally:
        supervisor.stop(seconds=0)


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def until(turn: Callable[[], None], true: Callable[[], object]) -> None:
    eventually(lambda: (turn(), true())[1])  # type: ignore[func-returns-value]


def test_a_changed_module_runs_as_it_is_now(tree: Path, output: io.StringIO, reloading: Callable[[], None]) -> None:
    write(tree / "payments/__init__.py", "WORD = 'second'\n")
    until(reloading, lambda: "web      | second\n" in output.getvalue())
    assert "run      | payments/__init__.py changed; starting again: web\n" in output.getvalue()


def test_the_sandbox_starts_again_for_its_own_files_only(
    tree: Path, output: io.StringIO, reloading: Callable[[], None]
) -> None:
    write(tree / "sandbox/page.html", "new")
    until(reloading, lambda: output.getvalue().count("sandbox  | first\n") == 2)
    assert output.getvalue().count("web      | first\n") == 1


def test_a_module_that_does_not_load_is_loaded_once_it_is_mended(
    tree: Path, output: io.StringIO, reloading: Callable[[], None]
) -> None:
    """At once: the pause after its crash, which gets longer and longer, is not waited for."""
    write(tree / "payments/__init__.py", "WORD = ")
    until(reloading, lambda: "web      | ended with 1" in output.getvalue())
    write(tree / "payments/__init__.py", "WORD = 'mended'\n")
    until(reloading, lambda: "web      | mended\n" in output.getvalue())


def test_what_is_added_or_removed_is_a_change_and_what_is_no_source_is_none(tree: Path) -> None:
    sources = Sources(tree)
    write(tree / "payments/notes.tmp", "of an editor")
    assert [sources.changed(), sources.changed()] == [[], []]
    write(tree / "payments/new.py", "")
    (tree / "payments/__init__.py").unlink()
    assert [sources.changed(), sources.changed()] == [[], ["payments/__init__.py", "payments/new.py"]]
    assert sources.changed() == []


def test_a_checkout_that_goes_on_is_waited_for(tree: Path) -> None:
    sources = Sources(tree)
    for name in ("one.py", "two.py"):
        write(tree / "payments" / name, "")
        assert sources.changed() == []
    assert sources.changed() == ["payments/one.py", "payments/two.py"]


@pytest.mark.slow
def test_the_whole_service_answers_with_the_new_code() -> None:
    """`./run --reload` in a copy of this tree: web, workers, beat and receiver, then the sandbox."""
    with copy_of_this_tree() as tree:
        port, log = random_free(), tree / "log"
        options = ["--reload", "--citizens", "1", "--port", str(port), "--var", str(tree / "var")]
        with log.open("w") as out:
            command = [sys.executable, "-m", "secretary.local", "up", *options]
            process = subprocess.Popen(
                command, cwd=tree, stdout=out, stderr=out, env={**os.environ, "LOCAL_ENV": "off"}
            )
        try:
            eventually(lambda: "Ready in" in log.read_text() or process.poll() is not None, seconds=300)
            assert who_answers(port) is not None, log.read_text()
            write(tree / "secretary/wsgi.py", (tree / "secretary/wsgi.py").read_text() + '\nprint("new code")\n')
            again = "secretary/wsgi.py changed; starting again: web, urgent, feeds, receiver, beat"
            eventually(lambda: again in log.read_text() and "new code" in log.read_text(), seconds=300)
            eventually(lambda: who_answers(port) is not None, seconds=300)
            write(tree / "sandbox/new.py", "")
            eventually(lambda: "sandbox/new.py changed; starting again: sandbox" in log.read_text(), seconds=300)
        finally:
            process.terminate()
            process.wait(timeout=300)


@contextmanager
def copy_of_this_tree() -> Iterator[Path]:
    """Where the database's user can reach it too."""
    tree = Path(tempfile.mkdtemp(prefix="reload-"))
    tree.chmod(0o755)
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    try:
        yield tree
    finally:
        servers.stop(tree / "var")
        shutil.rmtree(tree)
