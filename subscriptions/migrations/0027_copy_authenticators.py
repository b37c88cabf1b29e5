"""Copy the authenticators of the last release, encrypted. Its own table stays as it is, for its own code, until the next
release drops it."""

from binascii import unhexlify
from typing import Any

from django.db import migrations

from secretary.kernel.secrets.encryption import cipher


def copy(apps: Any, schema_editor: Any) -> None:
    former = apps.get_model("otp_totp", "TOTPDevice")
    authenticator = apps.get_model("subscriptions", "Authenticator")
    known = set(authenticator.objects.values_list("user_id", flat=True))
    made = [
        authenticator(
            user_id=device.user_id,
            name=device.name,
            confirmed=True,
            key_encrypted=cipher().encrypt(unhexlify(device.key), bound_to=f"authenticator:{device.user_id}"),
            drift=device.drift,
            last_t=device.last_t,
            last_used_at=device.last_used_at,
        )
        for device in former.objects.filter(confirmed=True, step=30, t0=0, digits=6).order_by("id").iterator()
        if device.user_id not in known
    ]
    authenticator.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0026_authenticators"), ("otp_totp", "0003_add_timestamps")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
