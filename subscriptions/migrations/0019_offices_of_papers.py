from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BATCH = 5000  # ids in one statement: a few hundredths of a second
FILL = """
UPDATE subscriptions_consent c SET office_id = o.office_id FROM subscriptions_official o
WHERE o.id = c.recorded_by_id AND c.office_id IS NULL AND c.id > %s AND c.id <= %s
"""


def fill(apps, schema_editor):
    """Papers that were recorded before belong to the office where their official works now, as they did until now."""
    consents = apps.get_model("subscriptions", "Consent").objects
    last = consents.aggregate(last=models.Max("id"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for after in range(0, last, BATCH):
            cursor.execute(FILL, [after, after + BATCH])


class Migration(migrations.Migration):
    """Fill the office of papers in batches, and find the people of an office by it."""

    atomic = False

    dependencies = [("subscriptions", "0018_office_of_paper")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("office__isnull", False)), fields=["office", "citizen"], name="consent_of_office"
            ),
        ),
    ]
