"""MessageTemplate, TemplateVariant: other names in the code; tables and columns keep those that the release before uses."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0010_stage_reopened"),
        ("notifications", "0025_rename_queue_entry"),  # its relations to the former name exist, and move along
    ]

    operations = [
        migrations.SeparateDatabaseAndState(  # no table changes
            state_operations=[
                migrations.AlterModelTable(name="wording", table="subscriptions_wording"),
                migrations.RenameModel(old_name="Wording", new_name="MessageTemplate"),
                migrations.AlterField(
                    model_name="messagetemplate",
                    name="stage",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="templates",
                        to="subscriptions.stage",
                        verbose_name="stage",
                    ),
                ),
                migrations.AlterModelTable(name="wordingvariant", table="subscriptions_wordingvariant"),
                migrations.RenameModel(old_name="WordingVariant", new_name="TemplateVariant"),
                migrations.RemoveConstraint(model_name="templatevariant", name="wording_variant_once"),
                migrations.RenameField(model_name="templatevariant", old_name="wording", new_name="template"),
                migrations.AlterField(
                    model_name="templatevariant",
                    name="template",
                    field=models.ForeignKey(
                        db_column="wording_id",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="subscriptions.messagetemplate",
                        verbose_name="message template",
                    ),
                ),
                migrations.AlterModelOptions(
                    name="templatevariant",
                    options={
                        "ordering": ["template", "key"],
                        "verbose_name": "message template variant",
                        "verbose_name_plural": "message template variants",
                    },
                ),
                migrations.AddConstraint(
                    model_name="templatevariant",
                    constraint=models.UniqueConstraint(fields=("template", "key"), name="wording_variant_once"),
                ),
            ]
        ),
    ]
