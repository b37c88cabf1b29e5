from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.alarm_messages.send_alarms import send_test
from secretary.kernel.time import database_clock


class Command(BaseCommand):
    help = "Send a test to everyone in ALARM_RECIPIENTS at once, and name what failed."

    def handle(self, *args: Any, **options: Any) -> None:
        results = send_test(now=database_clock.now())
        if not results:
            raise CommandError("ALARM_RECIPIENTS is not set: no person hears of alarms")
        for recipient, failure in results:
            self.stdout.write(f"{recipient.position} {recipient.way} {recipient.language}: {failure or 'accepted'}")
        if any(failure for _, failure in results):
            raise CommandError("not all of them accepted it")
