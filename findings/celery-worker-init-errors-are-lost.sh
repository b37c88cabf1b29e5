#!/bin/sh
# Celery 5.7.0: what a receiver of worker_init raises is lost, since it is logged before the worker sets up its log, and the
# worker takes tasks; SystemExit alone ends it.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0
mkdir "$work/queue"
cat >"$work/guarded.py" <<'PYTHON'
import os
from pathlib import Path

from celery import Celery
from celery.signals import worker_init, worker_ready

HERE = Path(__file__).parent
app = Celery("guarded", broker="filesystem://")
app.conf.broker_transport_options = {name: str(HERE / "queue") for name in ("data_folder_in", "data_folder_out")}


@worker_init.connect
def refuse(**_: object) -> None:
    raise {"ValueError": ValueError, "SystemExit": SystemExit}[os.environ["RAISES"]]("the password is missing")


@worker_ready.connect
def ready(sender: object, **_: object) -> None:
    (HERE / os.environ["RAISES"]).touch()
    os.kill(os.getpid(), 15)
PYTHON
cd "$work"
unset REMAP_SIGTERM || true
"$work/venv/bin/python" - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version

print("celery", version("celery"))
for raised, is_ready in (("ValueError", True), ("SystemExit", False)):
    command = [sys.executable, "-m", "celery", "--app", "guarded", "worker", "--pool", "solo", "--loglevel", "info"]
    ended = subprocess.run(command, env={**os.environ, "RAISES": raised}, capture_output=True, text=True, timeout=50)
    is_said, went_on = "the password is missing" in ended.stdout + ended.stderr, os.path.exists(raised)
    print(f"{raised}: said: {is_said}; the worker was ready for tasks: {went_on}; exit code {ended.returncode}")
    assert went_on is is_ready, "it changed"
    assert is_said is not is_ready, "it changed: what was raised is said"
PYTHON
