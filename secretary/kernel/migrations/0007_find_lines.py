from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let auditors find lines of the trail by time, actor, action and object without reading it through."""

    atomic = False

    dependencies = [("common", "0006_audit_of_officials")]

    operations = [
        migrations.AlterModelOptions(
            name="auditevent",
            options={
                "ordering": ["-id"],
                "permissions": [("export_auditevent", "Can export lines of the audit trail")],
                "verbose_name": "audit event",
                "verbose_name_plural": "audit trail",
            },
        ),
        *(
            AddIndexConcurrently(model_name="auditevent", index=index)
            for index in (
                models.Index(fields=["at", "id"], name="audit_at"),
                models.Index(fields=["actor", "at", "id"], name="audit_actor"),
                models.Index(fields=["action", "at", "id"], name="audit_action"),
                models.Index(fields=["object", "at", "id"], condition=~models.Q(object=""), name="audit_object"),
            )
        ),
    ]
