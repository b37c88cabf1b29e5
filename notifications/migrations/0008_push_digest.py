from django.db import migrations, models


class Migration(migrations.Migration):
    """Nullable and without a default: no row is rewritten, and older code writes rows without it."""

    dependencies = [
        ("notifications", "0007_another_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="pushmessage",
            name="body_digest",
            field=models.BinaryField(editable=False, max_length=32, null=True),
        ),
    ]
