"""The settings that docker-compose.yml gives PostgreSQL: measurements of a nation run with them.

All others run with those of ./run, as earlier commits do, so that two builds are compared on the same server.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import yaml

from secretary.local.environment import ROOT

LACKING = ("wal_compression",)  # lz4 is not built into the embedded server
ENTRYPOINT = "docker-entrypoint.sh"


def settings() -> tuple[str, ...]:
    """Return them as "name=value", those that depend on the memory as on this machine."""
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["database"]
    command = [word.replace("$$", "$") for word in service["command"]]
    with tempfile.TemporaryDirectory() as folder:
        entrypoint = Path(folder) / ENTRYPOINT
        entrypoint.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
        entrypoint.chmod(0o755)
        path = os.pathsep.join([folder, os.environ["PATH"]])
        words = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=True).stdout.split()
    return tuple(word for word in words if "=" in word and word.partition("=")[0] not in LACKING)
