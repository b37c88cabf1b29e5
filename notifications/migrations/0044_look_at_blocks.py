from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations

# Of deliveries that were written before there were triggers; the index that goes next finds them.
NOTE = """
INSERT INTO notifications_deliveryblock (block, due_at, fresh)
SELECT id >> 10, min(ask_at), false FROM notifications_delivery WHERE ask_at IS NOT NULL GROUP BY 1
"""


class Migration(migrations.Migration):
    """Look deliveries up by their block, and by no index any more. A sweeper of the release before reads the whole table
    from here on until it is replaced."""

    atomic = False
    dependencies = [("notifications", "0043_delivery_blocks")]

    operations = [
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
        RemoveIndexConcurrently(model_name="delivery", name="delivery_to_look_after"),
    ]
