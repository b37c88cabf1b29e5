from datetime import timedelta

from django.db import migrations
from django.utils import timezone


def begin_tomorrow(apps, schema_editor):
    """Notices that were made before this release are not counted, so that today's count would be of a part of them."""
    if apps.get_model("notifications", "Notice").objects.exists():
        day = timezone.localdate() + timedelta(days=1)
        rows = apps.get_model("notifications", "ReachDay").objects
        rows.create(day=day, data_type_id=0, outcome="begun", count=0, first_id=0, last_id=0)


class Migration(migrations.Migration):
    """Note the first day that the report on reach counts as a whole: one row, where there are notices already."""

    atomic = False

    dependencies = [("notifications", "0032_reach")]

    operations = [migrations.RunPython(begin_tomorrow, migrations.RunPython.noop)]
