#!/bin/sh
# Celery 5.7.0 runs Django's system checks when a worker starts, and drops their errors. findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0 django==5.2.19
mkdir "$work/site"
cat >"$work/site/app.py" <<'PYTHON'
import os

from celery import Celery
from django.core.checks import Error, register

os.environ["DJANGO_SETTINGS_MODULE"] = "conf"


@register
def refuse(**_):
    print("check ran")
    return [Error("this installation must not start", id="site.E001")]


app = Celery("site", broker="memory://")
PYTHON
cat >"$work/site/conf.py" <<'PYTHON'
SECRET_KEY = "not used"
INSTALLED_APPS = []
PYTHON
cd "$work/site"
DJANGO_SETTINGS_MODULE=conf "$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import app
import django
from django.core.management import call_command
from django.core.management.base import SystemCheckError

print("celery", version("celery"), "django", version("django"))
app.app.loader.import_default_modules()
print("the worker's modules are imported: no error, nothing printed but the check's own line")
django.setup()
try:
    call_command("check")
except SystemCheckError as refused:
    print("manage.py check:", str(refused).strip().splitlines()[0])
else:
    raise SystemExit("it changed: the check command lets an error pass")
PYTHON
