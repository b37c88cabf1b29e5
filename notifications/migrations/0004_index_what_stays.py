from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes on what changes with every step go; concurrently, because the tables are the largest there are."""

    atomic = False
    dependencies = [("notifications", "0003_due_line")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("ask_at__isnull", False)), fields=["ask_at"], name="delivery_to_look_after"
            ),
        ),
        RemoveIndexConcurrently(model_name="delivery", name="delivery_to_ask"),
        RemoveIndexConcurrently(model_name="notice", name="notice_ready"),
        RemoveIndexConcurrently(model_name="notice", name="notice_suspect"),
        RemoveIndexConcurrently(model_name="notice", name="notice_leased"),
    ]
