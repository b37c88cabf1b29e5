from django.db import migrations

# Who has no way to be reached already: read once, nothing is locked. Later the pages note it themselves.
NO_WAY = """
INSERT INTO subscriptions_unreached (citizen_id, at, reason)
SELECT c.id, now(), 'no_channel' FROM subscriptions_citizen c
WHERE c.state = 'active'
  AND EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.citizen_id = c.id AND s.ended_at IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM subscriptions_channelchoice cc JOIN subscriptions_contact ct
        ON ct.citizen_id = cc.citizen_id AND ct.suspended_at IS NULL
        AND ct.kind = CASE cc.channel WHEN 'toss' THEN 'toss_user_key' ELSE 'phone' END
    WHERE cc.citizen_id = c.id)
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0008_unreached")]
    operations = [migrations.RunSQL(NO_WAY, migrations.RunSQL.noop)]
