"""The audit trail without a lock (docs/adr/0013): lines are written at once and sealed afterwards.

Until now a trigger chained each line to the one before, and for that writers took turns until their commit. The columns
`previous_hash` and `hash` of that chain stay, with what they hold: its last line becomes position 0 of the new chain,
so that all of it stays verifiable. Code of before this migration goes on writing both columns; they stay empty.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Functions of the tables' owner: a writer of a line chooses neither its number nor its time, and no other role
# fills or empties the queue or writes a seal.
FUNCTIONS = """
CREATE FUNCTION common_audit_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.id := nextval(pg_get_serial_sequence('common_auditevent', 'id'));
    NEW.written_at := clock_timestamp();
    NEW.previous_hash := '';
    NEW.hash := '';
    INSERT INTO common_auditpending (event_id) VALUES (NEW.id);
    RETURN NEW;
END $$;

CREATE FUNCTION common_link_audit(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Seal at most so many of the lines that wait; how many were sealed, or -1 where another linker is at work.
-- A line that commits late is in the queue when it does, whatever its number: it gets a later position.
DECLARE
    line common_auditevent;
    place bigint;
    seal bytea;
    before bytea;
    moment timestamptz := clock_timestamp();
    sealed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7302027) THEN
        RETURN -1;
    END IF;
    SELECT l.position, l.hash INTO place, seal FROM common_auditlink l ORDER BY l.position DESC LIMIT 1;
    place := coalesce(place, 0);
    seal := coalesce(seal, ''::bytea);
    FOR line IN
        WITH taken AS (
            DELETE FROM common_auditpending p USING common_auditevent e
            WHERE e.id = p.event_id AND p.event_id IN (
                SELECT w.event_id FROM common_auditpending w ORDER BY w.event_id LIMIT most
            ) RETURNING e.*
        )
        SELECT * FROM taken ORDER BY id
    LOOP
        place := place + 1;
        before := seal;
        seal := sha256(before || convert_to(jsonb_build_array(place, extract(epoch FROM moment), line.id,
            extract(epoch FROM line.at), line.actor, line.action, line.citizen_id, line.object, line.reason,
            extract(epoch FROM line.written_at))::text, 'UTF8'));
        INSERT INTO common_auditlink (position, event_id, previous_hash, hash, linked_at)
        VALUES (place, line.id, before, seal, moment);
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$;
"""
NO_FUNCTIONS = "DROP FUNCTION common_link_audit(integer); DROP FUNCTION common_audit_written()"

WRITTEN = """
CREATE TRIGGER common_audit_written BEFORE INSERT ON common_auditevent
FOR EACH ROW EXECUTE FUNCTION common_audit_written()
"""
NOT_WRITTEN = "DROP TRIGGER common_audit_written ON common_auditevent"

COLUMNS_STAY = """
ALTER TABLE common_auditevent ALTER COLUMN previous_hash SET DEFAULT '', ALTER COLUMN hash SET DEFAULT ''
"""
COLUMNS_AS_BEFORE = """
ALTER TABLE common_auditevent ALTER COLUMN previous_hash DROP DEFAULT, ALTER COLUMN hash DROP DEFAULT
"""

OLD_CHAIN_IS_SEALED = """
INSERT INTO common_auditlink (position, event_id, previous_hash, hash, linked_at)
SELECT 0, id, previous_hash, hash, clock_timestamp() FROM common_auditevent WHERE hash <> '' ORDER BY id DESC LIMIT 1
"""



class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditPending",
            fields=[("event_id", models.BigIntegerField(primary_key=True, serialize=False))],
            options={"verbose_name": "audit line to be sealed", "verbose_name_plural": "audit lines to be sealed"},
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="link",
                        to="common.auditevent",
                    ),
                ),
                ("previous_hash", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("linked_at", models.DateTimeField(verbose_name="linked")),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals of the audit trail",
                "ordering": ["-position"],
            },
        ),
        migrations.AddField(
            model_name="auditevent",
            name="written_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="written"),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        pgtrigger.migrations.RemoveTrigger(model_name="auditevent", name="audit_chain"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(COLUMNS_STAY, COLUMNS_AS_BEFORE)],
            state_operations=[
                migrations.RemoveField(model_name="auditevent", name="hash"),
                migrations.RemoveField(model_name="auditevent", name="previous_hash"),
            ],
        ),
        migrations.RunSQL(WRITTEN, NOT_WRITTEN),
        migrations.RunSQL(OLD_CHAIN_IS_SEALED, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='auditlink',
            trigger=pgtrigger.compiler.Trigger(name='audit_link_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='96a28d65c1f180a4b425b2c121cd75206635d67a', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_link_append_only_e5734', table='common_auditlink', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditlink',
            trigger=pgtrigger.compiler.Trigger(name='audit_link_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'the audit trail is append-only';", hash='71cab6ceffa0ba0348a8a86fa642d7aae324196e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_audit_link_no_truncate_fa41b', table='common_auditlink', when='BEFORE')),
        ),
    ]
