"""QueueEntry: another name in the code; the table keeps the one that the release before writes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0024_moves_checked_after")]

    operations = [
        migrations.SeparateDatabaseAndState(  # no table changes, and no right of a role is moved while both are served
            state_operations=[
                migrations.AlterModelTable(name="due", table="notifications_due"),
                migrations.RenameModel(old_name="Due", new_name="QueueEntry"),
        migrations.AlterField(
            model_name="queueentry",
            name="notice",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="queue_entry",
                serialize=False,
                to="notifications.notice",
                verbose_name="notice",
            ),
        ),
            ]
        ),
    ]
