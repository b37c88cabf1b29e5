from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("next_release", "0001_column")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY notice_of_next_release ON notifications_notice (of_next_release)",
            "DROP INDEX CONCURRENTLY notice_of_next_release",
        ),
    ]
