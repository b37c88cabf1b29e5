"""Test what every process of the product does while it starts."""

import subprocess
import sys

from tests.plugin import ROOT

STARTED = "import django, gc; django.setup(); print(gc.isenabled(), gc.get_freeze_count())"


def test_garbage_is_collected_once_everything_is_imported_and_not_looked_for_in_that() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "secretary.settings", "LOCAL_ENV": "off"}
    done = subprocess.run([sys.executable, "-c", STARTED], cwd=ROOT, env=environment, capture_output=True, check=True)
    enabled, frozen = done.stdout.split()
    assert enabled == b"True"
    assert int(frozen) > 100_000
