from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A paper form by its number: lists of seniors look for thousands of them, among all that an office recorded."""

    atomic = False

    dependencies = [("subscriptions", "0020_bulk_registration")]

    operations = [
        AddIndexConcurrently(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("method", "paper"), ("withdrawn_at__isnull", True)),
                fields=["paper_form"],
                name="consent_paper_form",
            ),
        ),
    ]
