from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a job has still to erase: kinds that ended, and people who withdrew. A column that older code leaves null."""

    atomic = False

    dependencies = [("subscriptions", "0013_reading_and_toss")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="data_erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="data erased"),
        ),
        AddIndexConcurrently(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("data_erased_at__isnull", True), ("ended_at__isnull", False)),
                fields=["ended_at"],
                name="subscription_to_erase",
            ),
        ),
        AddIndexConcurrently(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("withdrawn_at__isnull", False)), fields=["withdrawn_at"], name="consent_withdrawn"
            ),
        ),
    ]
