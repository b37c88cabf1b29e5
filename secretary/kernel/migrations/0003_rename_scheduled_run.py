"""ScheduledRun: another name in the code; the table keeps the one that the release before writes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0002_audit_links")]

    operations = [
        migrations.SeparateDatabaseAndState(  # no table changes, and no right of a role is moved while both are served
            state_operations=[
                migrations.AlterModelTable(name="tick", table="common_tick"),
                migrations.RenameModel(old_name="Tick", new_name="ScheduledRun"),
            ]
        ),
    ]
