from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('notifications', '0014_record_objected'),
    ]

    operations = [
        migrations.RunSQL('ALTER TABLE notifications_record VALIDATE CONSTRAINT record_state', migrations.RunSQL.noop),
    ]
