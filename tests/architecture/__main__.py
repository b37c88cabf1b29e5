"""`.venv/bin/python -m tests.architecture`: writes docs/architecture.md anew, from the code as it is.

The main job and a payment have to run for it, with a database and a sandbox of their own: so it is a test that writes.
"""

import os
import sys

from tests.plugin import ROOT

WRITE = "WRITE_ARCHITECTURE"

if __name__ == "__main__":
    os.chdir(ROOT)
    command = [sys.executable, "-m", "pytest", "tests/architecture"]
    os.execve(sys.executable, command, {**os.environ, WRITE: "yes"})
