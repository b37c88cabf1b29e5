import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Patterns of agencies' own numbers. A table that no earlier release knows."""

    dependencies = [("notifications", "0015_record_objected_validated")]

    operations = [
        migrations.CreateModel(
            name="SerialPattern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "pattern",
                    models.CharField(
                        help_text="# stands for one digit, every other character for itself: ######1###### or 26######-######",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9#._:/-]+\\Z", "Letters, digits, # and . _ : / - only."
                            )
                        ],
                        verbose_name="pattern",
                    ),
                ),
                ("proposed_by_id", models.IntegerField(editable=False, verbose_name="declared by account")),
                ("proposed_at", models.DateTimeField(editable=False, verbose_name="declared")),
                ("confirmed_by_id", models.IntegerField(editable=False, null=True, verbose_name="confirmed by account")),
                ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="confirmed")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="serial_patterns",
                        to="notifications.feed",
                        verbose_name="feed",
                    ),
                ),
            ],
            options={
                "verbose_name": "pattern of an agency's numbers",
                "verbose_name_plural": "patterns of agencies' numbers",
                "ordering": ["-id"],
            },
        ),
    ]
