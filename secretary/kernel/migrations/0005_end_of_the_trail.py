from django.db import migrations, models

# Lines of the trail that were sealed two years ago may go (개인정보의 안전성 확보조치 기준 §8①); their seals stay. The
# application's role may not remove a line: it names lines to this function of the owner, which removes no younger one
# for any caller, and puts a line of its own on the trail. pgtrigger's own setting lets it past the trigger that
# refuses every removal; the right to remove is the owner's alone.
FUNCTION = """
CREATE FUNCTION common_end_audit(lines bigint[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET pgtrigger.ignore = '{pgtrigger_audit_append_only_6e869}' AS $$
DECLARE
    ended integer;
    moment timestamptz := clock_timestamp();
BEGIN
    DELETE FROM common_auditevent e WHERE e.id = ANY(lines) AND EXISTS (
        SELECT FROM common_auditlink l WHERE l.linked_at < moment - interval '731 days'
        AND (l.event_id = e.id OR (l.position = 0 AND e.id < l.event_id AND e.hash <> ''))
    );
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF ended > 0 THEN
        INSERT INTO common_auditevent (at, actor, action, object, reason)
        VALUES (moment, 'system', 'audit.ended', 'lines:' || ended, '');
    END IF;
    RETURN ended;
END $$;
"""


class Migration(migrations.Migration):
    """Let lines of the audit trail end."""

    dependencies = [("common", "0004_audit_merged")]

    operations = [
        migrations.CreateModel(
            name="AuditEnd",
            fields=[
                ("rule", models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="rule")),
                ("after", models.BigIntegerField(default=0, verbose_name="after line")),
            ],
            options={"verbose_name": "end of the audit trail", "verbose_name_plural": "ends of the audit trail"},
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION common_end_audit(bigint[])"),
    ]
