"""Test what every process of the product does while it starts."""

import subprocess
import sys

from tests.plugin import ROOT

STARTED = """
import django, gc, sys
django.setup()
print(gc.isenabled(), gc.get_freeze_count())
import secretary.urls
print(*({"icalendar", "PIL", "reportlab"} & set(sys.modules)))
"""


def test_garbage_is_collected_once_all_is_imported_and_what_few_processes_use_is_left() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "secretary.settings", "LOCAL_ENV": "off"}
    done = subprocess.run([sys.executable, "-c", STARTED], cwd=ROOT, env=environment, capture_output=True, check=True)
    collector, loaded = done.stdout.decode().splitlines()
    enabled, frozen = collector.split()
    assert enabled == "True"
    assert int(frozen) > 100_000
    assert loaded == ""
