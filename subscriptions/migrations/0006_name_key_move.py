from django.db import migrations, models


class Migration(migrations.Migration):
    """How far `move_name_keys` has come. A table of its own that no earlier release knows."""

    dependencies = [("subscriptions", "0005_stage_objected")]

    operations = [
        migrations.CreateModel(
            name="NameKeyMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.UUIDField(null=True)),
                ("looked_at", models.PositiveIntegerField(default=0, verbose_name="people checked")),
                ("moved", models.PositiveIntegerField(default=0, verbose_name="people with a new key")),
                ("merged", models.PositiveIntegerField(default=0, verbose_name="duplicate people")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "name key move",
                "verbose_name_plural": "name key moves",
            },
        ),
    ]
