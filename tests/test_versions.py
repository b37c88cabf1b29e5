"""What ./run embeds is what production runs."""

import re
import subprocess
from pathlib import Path

from secretary.local.embedded import postgres, valkey

ROOT = Path(__file__).resolve().parent.parent


def test_the_embedded_postgresql_is_the_one_of_compose() -> None:
    runs_as = postgres.Postgres(ROOT / "var").runs_as
    printed = runs_as.run("postgres", "--version").stdout
    assert major(printed) == postgres.MAJOR_VERSION == compose_version("postgres")


def test_the_embedded_broker_is_the_one_of_compose() -> None:
    printed = subprocess.run([valkey.binary(), "--version"], capture_output=True, text=True).stdout
    assert major(printed.partition("v=")[2]) == compose_version("valkey/valkey")


def test_both_sort_alike() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    chosen = {option for option in postgres.INITDB if "locale" in option or "encoding" in option}
    assert chosen <= set(compose.split())


def compose_version(image: str) -> int:
    compose = (ROOT / "docker-compose.yml").read_text()
    (version,) = re.findall(rf"image: {re.escape(image)}:(\d+)", compose)
    return int(version)


def major(printed: str) -> int:
    found = re.search(r"\d+", printed)
    assert found is not None
    return int(found[0])
