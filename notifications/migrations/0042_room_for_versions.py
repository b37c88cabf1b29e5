from django.db import migrations

TABLES = ("notifications_notice", "notifications_delivery")


def _room(share: int) -> str:
    return "; ".join(f"ALTER TABLE {table} SET (fillfactor = {share})" for table in TABLES)


class Migration(migrations.Migration):
    """Room for all three versions of a notice and of a delivery in one page. Counts for pages written from now on."""

    dependencies = [("notifications", "0041_trial_gateway")]

    operations = [migrations.RunSQL(_room(40), _room(50))]
