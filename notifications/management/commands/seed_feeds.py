from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.intake.sample_feeds import seed_feeds


class Command(BaseCommand):
    help = "Create the sample feeds of the demonstration (local installations only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT != "local":
            raise CommandError("sample feeds are for local installations")
        made = seed_feeds(config=settings.ADAPTER_CONFIG)
        self.stderr.write(f"{made} sample feeds created")
