from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find the rows that were merged into a person, without reading the trail."""

    atomic = False

    dependencies = [("common", "0003_rename_scheduled_run")]

    operations = [
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("action", "citizen.merged")), fields=["object"], name="audit_merged"
            ),
        ),
    ]
