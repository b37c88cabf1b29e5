#!/bin/sh
# pyjosa 1.0.3 writes 으로 after ㄹ, and raises after a digit, a letter or a bracket. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyjosa==1.0.3
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from pyjosa.exceptions import NotHangleException
from pyjosa.josa import Josa


def with_particle(word: str, particle: str) -> str:
    try:
        return Josa.get_full_string(word, particle)
    except NotHangleException as error:
        return type(error).__name__


SEEN = {
    ("부산", "으로"): "부산으로",
    ("서울", "으로"): "서울으로",  # after a vowel and after ㄹ it is 로: 서울로
    ("12월 10", "은"): "NotHangleException",
    ("국민은행(주)", "은"): "NotHangleException",
}
print("pyjosa", version("pyjosa"))
for (word, particle), seen in SEEN.items():
    print(f"{word} + {particle}: {with_particle(word, particle)}")
    assert with_particle(word, particle) == seen, f"it changed: {word}"
PYTHON
