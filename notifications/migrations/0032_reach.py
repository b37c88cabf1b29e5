import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two new tables and two triggers, for the report on reach (docs/adr/0052-reach-by-a-rule.md)."""

    dependencies = [
        ('notifications', '0031_notice_adds_unreached'),
        ('subscriptions', '0029_reach_rule'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReachChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day on which it was made (KST)')),
                ('outcome', models.CharField(max_length=10, verbose_name='outcome')),
                ('way', models.CharField(blank=True, default='', max_length=60, verbose_name='way')),
                ('first_id', models.BigIntegerField(verbose_name='first notice')),
                ('last_id', models.BigIntegerField(verbose_name='last notice')),
                ('change', models.IntegerField(verbose_name='change')),
            ],
            options={
                'verbose_name': 'uncounted outcome',
                'verbose_name_plural': 'uncounted outcomes',
            },
        ),
        migrations.CreateModel(
            name='ReachDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day on which it was made (KST)')),
                ('outcome', models.CharField(max_length=10, verbose_name='outcome')),
                ('way', models.CharField(blank=True, default='', max_length=60, verbose_name='way')),
                ('first_id', models.BigIntegerField(verbose_name='first notice')),
                ('last_id', models.BigIntegerField(verbose_name='last notice')),
                ('count', models.BigIntegerField(verbose_name='notices')),
            ],
            options={
                'verbose_name': 'outcomes of a day',
                'verbose_name_plural': 'outcomes by the day',
                'ordering': ['-id'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_reach_made', sql=pgtrigger.compiler.UpsertTriggerSql(func="INSERT INTO notifications_reachchange (day, data_type_id, outcome, way, change, first_id, last_id) SELECT (n.created_at AT TIME ZONE 'Asia/Seoul')::date, v.data_type_id, 'made', '', count(*), min(n.id), max(n.id) FROM fresh n JOIN subscriptions_stage s ON s.id = n.stage_id JOIN subscriptions_datatypeversion v ON v.id = s.version_id GROUP BY 1, 2; RETURN NULL;", hash='15b84f926f5d4f8b68fa0d9a660f77eb5635daa5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_notice_reach_made_0f623', referencing='REFERENCING NEW TABLE AS fresh ', table='notifications_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_reach_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state IN ('failed', 'too_late', 'cancelled') AND OLD.state IS DISTINCT FROM NEW.state)", func="INSERT INTO notifications_reachchange (day, data_type_id, outcome, way, change, first_id, last_id) SELECT (n.created_at AT TIME ZONE 'Asia/Seoul')::date, v.data_type_id, CASE\n    WHEN (n.state = 'delivered' OR n.state = 'cancelled' AND n.reason = 'already_delivered') THEN CASE WHEN n.finished_at <= least(n.expires_at, coalesce(n.bundle_at, CASE WHEN s.trigger = 'date'\n    THEN greatest(n.created_at, ((n.created_at AT TIME ZONE 'Asia/Seoul')::date + s.send_at) AT TIME ZONE 'Asia/Seoul') ELSE n.created_at END) + make_interval(hours =>\n    CASE WHEN v.reach_hours > 0 THEN v.reach_hours WHEN n.urgent THEN 1 ELSE 24 END::int)) THEN 'in_time' ELSE 'late' END\n    WHEN (n.state IN ('failed', 'too_late') OR n.state = 'cancelled' AND n.reason = 'closed_by_staff') THEN CASE WHEN n.reason = 'all_channels_failed'\n        OR v.reach_channels > 0 AND (SELECT count(*) FROM unnest(n.tried) t WHERE right(t, 1) <> '?') >= v.reach_channels THEN 'enough' ELSE 'short' END\n    WHEN n.state = 'cancelled' THEN 'dropped' ELSE '' END, CASE WHEN (n.state = 'delivered' OR n.state = 'cancelled' AND n.reason = 'already_delivered')\n        THEN CASE WHEN (SELECT coalesce(string_agg(t, '+' ORDER BY t), '') FROM unnest(n.tried) t WHERE right(t, 1) <> '?') = '' THEN 'first' ELSE 'other' END || ':' || coalesce((SELECT d.channel FROM notifications_delivery d WHERE d.notice_id = n.id AND d.state = 'delivered'\n    ORDER BY d.finished_at, d.fence DESC LIMIT 1), '')\n    WHEN (n.state IN ('failed', 'too_late') OR n.state = 'cancelled' AND n.reason = 'closed_by_staff') THEN (SELECT coalesce(string_agg(t, '+' ORDER BY t), '') FROM unnest(n.tried) t WHERE right(t, 1) <> '?') ELSE '' END, 1, n.id, n.id FROM (SELECT NEW.*) n JOIN subscriptions_stage s ON s.id = n.stage_id JOIN subscriptions_datatypeversion v ON v.id = s.version_id; RETURN NULL;", hash='e569414bda8bf1fcde045c146bf02a6b0758ab30', operation='UPDATE', pgid='pgtrigger_notice_reach_ended_6a76f', table='notifications_notice', when='AFTER')),
        ),
        migrations.AddField(
            model_name='reachchange',
            name='data_type',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='subscriptions.datatype', verbose_name='data type'),
        ),
        migrations.AddField(
            model_name='reachday',
            name='data_type',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='subscriptions.datatype', verbose_name='data type'),
        ),
        migrations.AddConstraint(
            model_name='reachday',
            constraint=models.UniqueConstraint(fields=('day', 'data_type', 'outcome', 'way'), name='reach_day_once'),
        ),
    ]
