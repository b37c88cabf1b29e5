from django.db import migrations

VALIDATE = """
ALTER TABLE notifications_notice
    VALIDATE CONSTRAINT notifications_notice_citizen_id_317d4f30_fk_subscript,
    VALIDATE CONSTRAINT notifications_notice_record_id_a6d87994_fk_notificat
"""


class Migration(migrations.Migration):
    """For the way back only: what 0023 has added again is validated without a blocking lock."""

    dependencies = [
        ('notifications', '0021_notice_told_digest'),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, VALIDATE),
    ]
