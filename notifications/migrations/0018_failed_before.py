from django.db import migrations

# Notices that failed on every channel before the trigger was there: read once, nothing is locked. People who were
# reached since are taken out by the next look (watch_reach.py).
FAILED = """
INSERT INTO subscriptions_unreached (citizen_id, at, reason, notice_id)
SELECT n.citizen_id, n.finished_at, n.reason, n.id FROM notifications_notice n
WHERE n.state = 'failed' AND n.finished_at > now() - interval '90 days'
  AND NOT EXISTS (SELECT 1 FROM subscriptions_unreached u WHERE u.notice_id = n.id)
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0017_notice_reached_nobody"), ("subscriptions", "0009_unreached_by_choice")]
    operations = [migrations.RunSQL(FAILED, migrations.RunSQL.noop)]
