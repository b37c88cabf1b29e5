from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE notifications_notice ADD COLUMN of_next_release smallint NULL",
            "ALTER TABLE notifications_notice DROP COLUMN of_next_release",
        ),
    ]
