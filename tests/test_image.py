"""What goes into the image of production: everything that it needs, and nothing that only plays or tests."""

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.plugin import ROOT

ENTRIES = (
    "import secretary.wsgi, secretary.receiver, secretary.celery; secretary.celery.app.loader.import_default_modules()"
)


def left_out(name: str) -> bool:
    """Whether .dockerignore keeps this file out: a pattern names it or a folder that it is in."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    parts = name.split("/")
    heads = ["/".join(parts[: length + 1]) for length in range(len(parts))]
    return any(fnmatch(head, pattern.removeprefix("**/")) for head in heads for pattern in patterns) or any(
        fnmatch(part, pattern[3:]) for part in parts for pattern in patterns if pattern.startswith("**/")
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what `COPY . .` takes; compiled already where it is here, which is most of what a process would do."""
    folder = tmp_path_factory.mktemp("image")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not left_out(name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
            compiled = Path(cache_from_source(name))
            if name.endswith(".py") and (ROOT / compiled).is_file():
                (folder / compiled).parent.mkdir(exist_ok=True)
                shutil.copy2(ROOT / compiled, folder / compiled)
    return folder


def production(image: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    lines = (ROOT / "tests/production.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    environment = {**values, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "LOCAL_ENV": "off"}
    return subprocess.run([sys.executable, *arguments], cwd=image, env=environment, capture_output=True, text=True)


def test_nothing_that_plays_or_tests_is_in_it(image: Path) -> None:
    inside = {str(path.relative_to(image)) for path in image.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert "manage.py" in inside and "secretary/settings.py" in inside
    assert [name for name in inside if name.startswith(("sandbox/", "tests/", "benchmarks/", "secretary/local/"))] == []
    assert [name for name in inside if "sample" in name or "seed_" in name] == ["subscriptions/web/samples.py"] or {
        name for name in inside if "sample" in Path(name).name and name.endswith(".py")
    } <= {"subscriptions/web/samples.py", "subscriptions/message_templates/samples.py"}


def test_every_process_of_production_starts_from_it(image: Path) -> None:
    started = production(image, "-c", ENTRIES)
    assert started.returncode == 0, started.stderr[-2000:]


def test_its_settings_are_whole(image: Path) -> None:
    checked = production(image, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr[-2000:]
