"""Overwrite the clear secrets of the last release's authenticators: manage.py overwrite_old_authenticators [--back].

Once, when no process of the last release runs any more: its table (otp_totp_totpdevice) is only that release's. Each
secret becomes a random one, so that no code of it is ever right; the rows stay, which open sessions name. `--back`,
before a return to that release, writes the secrets again off their encrypted copies.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now
from subscriptions.models import Authenticator


class Command(BaseCommand):
    help = "Overwrite the clear secrets of the last release's authenticators; --back writes them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--back", action="store_true", help="write them again, before a return to that release")

    def handle(self, *args: Any, back: bool, **options: Any) -> None:
        self.stdout.write(f"{overwrite(back=back)} secrets")


@transaction.atomic
def overwrite(*, back: bool) -> int:
    """Return how many secrets were overwritten, or written again: of accounts whose authenticator has been copied."""
    copies = {each.user_id: each for each in Authenticator.objects.filter(confirmed=True).order_by("-pk")}
    devices = list(TOTPDevice.objects.select_for_update().filter(user__in=copies).order_by("pk"))
    for device in devices:
        device.key = copies[device.user_id].bin_key.hex() if back else random_hex()
    TOTPDevice.objects.bulk_update(devices, ["key"], batch_size=500)
    action = "old authenticators written back" if back else "old authenticators overwritten"
    record_audit(now=now(), actor="system", action=action, object=f"authenticators:{len(devices)}")
    return len(devices)
