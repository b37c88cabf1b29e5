"""TemplateStop, TemplateComplaint, TemplateTrouble: other names in the code; tables and columns keep theirs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0025_rename_queue_entry"), ("subscriptions", "0011_rename_message_template")]

    operations = [
        migrations.SeparateDatabaseAndState(  # no table changes
            state_operations=[
                migrations.AlterModelTable(name="wordingstop", table="notifications_wordingstop"),
                migrations.RenameModel(old_name="WordingStop", new_name="TemplateStop"),
                migrations.RemoveConstraint(model_name="templatestop", name="wording_stopped_once"),
                migrations.RenameField(model_name="templatestop", old_name="wording", new_name="template"),
                migrations.AlterField(
                    model_name="templatestop",
                    name="template",
                    field=models.ForeignKey(
                        db_column="wording_id",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stops",
                        to="subscriptions.messagetemplate",
                        verbose_name="message template",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="templatestop",
                    constraint=models.UniqueConstraint(condition=models.Q(("cleared_at__isnull", True)), fields=("template",), name="wording_stopped_once"),
                ),
                migrations.AlterModelTable(name="wordingcomplaint", table="notifications_wordingcomplaint"),
                migrations.RenameModel(old_name="WordingComplaint", new_name="TemplateComplaint"),
                migrations.RemoveConstraint(model_name="templatecomplaint", name="wording_complaint_once"),
                migrations.RenameField(model_name="templatecomplaint", old_name="wording", new_name="template"),
                migrations.AlterField(
                    model_name="templatecomplaint",
                    name="template",
                    field=models.ForeignKey(
                        db_column="wording_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="subscriptions.messagetemplate",
                        verbose_name="message template",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="templatecomplaint",
                    constraint=models.UniqueConstraint(fields=("template", "record"), name="wording_complaint_once"),
                ),
                migrations.AlterModelTable(name="wordingtrouble", table="notifications_wordingtrouble"),
                migrations.RenameModel(old_name="WordingTrouble", new_name="TemplateTrouble"),
                migrations.RenameField(model_name="templatetrouble", old_name="wording", new_name="template"),
                migrations.AlterField(
                    model_name="templatetrouble",
                    name="template",
                    field=models.OneToOneField(
                        db_column="wording_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                        to="subscriptions.messagetemplate",
                        verbose_name="message template",
                    ),
                ),
                migrations.RenameField(model_name="delivery", old_name="wording", new_name="template"),
                migrations.AlterField(
                    model_name="delivery",
                    name="template",
                    field=models.ForeignKey(
                        db_column="wording_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subscriptions.messagetemplate",
                        verbose_name="message template",
                    ),
                ),
            ]
        ),
    ]
