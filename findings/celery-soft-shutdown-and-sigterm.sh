#!/bin/sh
# Celery 5.7.0: worker_soft_shutdown_timeout says nothing to SIGTERM, and on SIGQUIT all of it is slept through.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0 kombu==5.7.0
mkdir "$work/queue"
cat >"$work/held.py" <<'PYTHON'
import time
from pathlib import Path

from celery import Celery

HERE = Path(__file__).parent
app = Celery("held", broker="filesystem://")
app.conf.broker_transport_options = {name: str(HERE / "queue") for name in ("data_folder_in", "data_folder_out")}
app.conf.worker_soft_shutdown_timeout = 4
app.conf.task_acks_late = True


@app.task
def hold(name):
    (HERE / f"{name}.began").touch()
    while not (HERE / f"{name}.let-go").exists():
        time.sleep(0.05)
    (HERE / f"{name}.done").touch()
PYTHON
cd "$work"
unset REMAP_SIGTERM || true
"$work/venv/bin/python" - <<'PYTHON'
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from held import app, hold

TIMEOUT = app.conf.worker_soft_shutdown_timeout


def wait_for(path):
    end = time.monotonic() + 60
    while not Path(path).exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)


def stopped_by(number, name):
    """A worker with one task gets the signal. Seconds from the task's end to the worker's, exit code, log."""
    hold.delay(name)
    command = [sys.executable, "-m", "celery", "--app", "held", "worker", "--concurrency", "1", "--loglevel", "warning"]
    with open(f"{name}.log", "wb") as log:
        worker = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(f"{name}.began")
            worker.send_signal(number)
            if number == signal.SIGTERM:
                time.sleep(TIMEOUT + 2)  # longer than the time-out: a soft shutdown would have cancelled the task
                assert worker.poll() is None, "it changed: SIGTERM ends a worker that has a task"
            Path(f"{name}.let-go").touch()
            wait_for(f"{name}.done")
            ended = time.monotonic()
            code = worker.wait(timeout=60)
        finally:
            worker.kill()
    return time.monotonic() - ended, code, Path(f"{name}.log").read_text(errors="replace")


print("celery", version("celery"), "worker_soft_shutdown_timeout", TIMEOUT)
_, code, log = stopped_by(signal.SIGTERM, "term")
print(f"SIGTERM: said 'Initiating Soft Shutdown': {'Initiating Soft Shutdown' in log}; exit code {code}")
assert "Initiating Soft Shutdown" not in log and code == 0, "it changed: SIGTERM is a soft shutdown now"
seconds, code, log = stopped_by(signal.SIGQUIT, "quit")
print(f"SIGQUIT: said so: {'Initiating Soft Shutdown' in log}; its only task ended, the worker {seconds:.0f} s later")
assert "Initiating Soft Shutdown" in log
assert seconds > TIMEOUT / 2, "it changed: the worker ends when its last task has"
PYTHON
