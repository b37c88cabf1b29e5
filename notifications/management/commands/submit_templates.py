from typing import Any

from django.core.management.base import BaseCommand

from notifications.operations.submit_templates import submit_templates
from secretary.kernel.time import database_clock


class Command(BaseCommand):
    help = "Submit templates: the live message templates, where vendors must approve them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write(f"{submit_templates(now=database_clock.now())} templates submitted")
