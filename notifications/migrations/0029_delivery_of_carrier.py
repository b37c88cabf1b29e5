from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """By which a bundle's deliveries are found. Concurrently: the table is one of the largest."""

    atomic = False
    dependencies = [("notifications", "0028_bundles")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("carrier__isnull", False)), fields=["carrier"], name="delivery_of_carrier"
            ),
        ),
    ]
