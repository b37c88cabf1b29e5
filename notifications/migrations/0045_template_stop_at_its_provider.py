from typing import Any

from django.db import migrations, models


def keep_one_of_each(apps: Any, schema_editor: Any) -> None:
    """On the way back a template is stopped once, at every provider of its channel: by the oldest of its open stops."""
    open_stops = apps.get_model("notifications", "TemplateStop").objects.filter(cleared_at=None)
    kept: set[int] = set()
    for stop in open_stops.order_by("stopped_at", "pk"):
        if stop.template_id in kept:
            stop.cleared_at = stop.stopped_at
            stop.save(update_fields=["cleared_at"])
        kept.add(stop.template_id)


class Migration(migrations.Migration):
    """Stop a message template at one provider of its channel (docs/adr/0069). A stop without one, as all that there are
    and those of the release before, is of every provider."""

    dependencies = [
        ("notifications", "0044_look_at_blocks"),
        ("subscriptions", "0034_account_of_one_side"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="templatestop", name="wording_stopped_once"),
        *(
            migrations.AddField(
                model_name=model,
                name="gateway",
                field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="gateway"),
            )
            for model in ("templatecomplaint", "templatestop", "templatetrouble")
        ),
        migrations.AddConstraint(
            model_name="templatestop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at__isnull", True)),
                fields=("template", "gateway"),
                name="wording_stopped_once_there",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, keep_one_of_each),
    ]
