#!/bin/sh
# Celery 5.7.0 opens a connection to the database for each task, although Django is told to keep it (CONN_MAX_AGE).
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0 django==5.2.19
mkdir "$work/site"
cat >"$work/site/conf.py" <<'PYTHON'
SECRET_KEY = "not used"
INSTALLED_APPS = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3", "CONN_MAX_AGE": 600}}
PYTHON
cat >"$work/site/run.py" <<'PYTHON'
import os
import sys
from importlib.metadata import version

os.environ["DJANGO_SETTINGS_MODULE"] = "conf"
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.db import connection
from django.db.backends.signals import connection_created

TASKS, OPENED = 5, []
app = Celery("site", broker="memory://", backend="cache+memory://")
if len(sys.argv) > 1:
    app.conf.CELERY_DB_REUSE_MAX = int(sys.argv[1])  # in none of Celery's lists of settings


@app.task
def look() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def count(**_: object) -> None:
    OPENED.append(1)


connection_created.connect(count)
with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
    for _ in range(TASKS):
        look.delay().get(timeout=30)
print(f"celery {version('celery')} {sys.argv[1:] or ''}: {TASKS} tasks in one process, connections: {len(OPENED)}")
assert len(OPENED) == (1 if len(sys.argv) > 1 else TASKS), "it changed"
PYTHON
cd "$work/site"
"$work/venv/bin/python" run.py
"$work/venv/bin/python" run.py 1000000
