"""Nothing is defined that only tests use, and nothing can be set that no code reads."""

import re
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.unused import PRODUCT, unused

ROOT = Path(__file__).resolve().parent.parent


def test_what_the_product_defines_it_uses() -> None:
    assert unused(ROOT) == []


def test_what_can_be_set_is_read() -> None:
    named = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)
    read = [ROOT / "docker-compose.yml", *(path for part in PRODUCT for path in (ROOT / part).rglob("*.py"))]
    words = {word for path in read for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert [name for name in named if name not in words] == []


PLANTED = {
    "planted/parts.py": """
        from dataclasses import dataclass

        from django.apps import AppConfig
        from django.forms import Form

        __all__ = ["ALONE", "exported"]
        ALONE, USED = 1, 2

        def exported(): return USED

        def calls_itself(): return calls_itself()

        @dataclass
        class Kept:
            read: int
            written: int

            def shown_by_a_template(self): return self.read

            def for_tests(self): ...

        class PlantedConfig(AppConfig):
            def ready(self): return Kept(read=1, written=2)

        class OurForm(Form):
            def clean_name(self): ...
            def clean(self): ...
            def clear(self): ...
    """,
    "planted/__init__.py": "",
    "planted/front.py": "from planted.parts import OurForm, exported as given\n\nprint(given, OurForm)\n",
    "planted/other.py": "from planted.parts import calls_itself\n\nALONE = 3\nprint(ALONE)\n",
    "planted/page.html": "{{ kept.shown_by_a_template }}",
    "tests/test_parts.py": "from planted.parts import Kept\n\nKept(1, 2).for_tests()\nKept(1, 2).written\n",
}


def test_what_is_planted_is_found_and_what_a_framework_calls_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in PLANTED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.syspath_prepend(tmp_path)
    assert unused(tmp_path, ("planted",)) == [
        f"planted/parts.py: {name}"
        for name in ("ALONE", "calls_itself", "Kept.written", "Kept.for_tests", "OurForm.clear")
    ]
