#!/usr/bin/env python3
"""Django's commands. `./run` and `./test` are the two commands for people."""

import os
import sys
from importlib.util import find_spec

from django.core.management import execute_from_command_line

from secretary.env import Misconfigured


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
    if find_spec("secretary.local"):  # the image for production has no servers of its own to start
        from secretary.local.one_command import run_with_database, wants_a_database

        if wants_a_database(sys.argv[1:]):
            sys.exit(run_with_database(sys.argv[1:]))
    try:
        execute_from_command_line(sys.argv)
    except Misconfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
