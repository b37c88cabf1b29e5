#!/usr/bin/env python3
"""Django's commands. `./run` and `./test` are the two commands for people."""

import os
import sys

from django.core.management import execute_from_command_line

from secretary.env import Misconfigured
from secretary.local.one_command import run_with_database, wants_a_database


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
    if wants_a_database(sys.argv[1:]):
        sys.exit(run_with_database(sys.argv[1:]))
    try:
        execute_from_command_line(sys.argv)
    except Misconfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
