"""Run `manage.py up`: the same as ./run, without the installation."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from secretary import env
from secretary.local.environment import ROOT
from secretary.local.options import add_arguments


class Command(BaseCommand):
    help = "Start servers, sandbox, web, workers and beat under one supervisor (what ./run does)."

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Become that program: these settings may already hold the address of servers that do not run."""
        words = sys.argv[sys.argv.index("up") + 1 :]
        started_with = {name: value for name, value in os.environ.items() if name not in env.loaded}
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "secretary.local", "up", *words], started_with)  # noqa: S606
