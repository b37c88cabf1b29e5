"""Workers and the receiver show no pages: what only pages need is loaded where an address is looked up, or never."""

import os
import subprocess
import sys

import pytest

from tests.plugin import ROOT

WORKER = "import secretary.celery as c; c.app.loader.import_default_modules(); c.load_before_forking()"
LOADED = """
import sys
print(*sorted({"ninja", "pydantic", "secretary.urls", "subscriptions.admin"} & set(sys.modules)))
from django.urls import reverse
print(reverse("admin:notifications_notice_changelist"))
"""


@pytest.mark.parametrize("entry", [WORKER, "import secretary.receiver"], ids=["worker", "receiver"])
def test_pages_are_loaded_only_for_an_address(entry: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", f"{entry}\n{LOADED}"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == ["", "/admin/notifications/notice/"]
