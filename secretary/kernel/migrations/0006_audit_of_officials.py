from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find what the officials of an office did, and the entries that it passed on or took over, without reading the
    trail."""

    atomic = False

    dependencies = [("common", "0005_end_of_the_trail")]

    operations = [
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("actor__startswith", "official:")), fields=["actor", "at"], name="audit_official"
            ),
        ),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("action", "registration.moved")),
                fields=["object"],
                name="audit_moved",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
