import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# On the way back: once the new trigger and constraint are gone, and before those of before stand again.
BACK = """
UPDATE payments_payment SET state = CASE state WHEN 'reversed' THEN 'given_back' ELSE state END,
    reason = replace(reason, 'reversed', 'given_back')
WHERE state = 'reversed' OR reason IN ('reversed', 'part_reversed', 'after_reversed')
"""


class Migration(migrations.Migration):
    """`given_back`, a state that release 148511c does not know, is `reversed` now; the next migration rewrites rows."""

    dependencies = [
        ('payments', '0009_bills_left_behind'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='payment',
            name='payment_moves',
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payment_state',
        ),
        migrations.RunSQL(migrations.RunSQL.noop, BACK),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('created', 'opened'), ('created', 'paid'), ('created', 'declined'), ('created', 'abandoned'), ('created', 'expired'), ('created', 'unknown'), ('created', 'surplus'), ('created', 'reversed'), ('opened', 'confirming'), ('opened', 'paid'), ('opened', 'declined'), ('opened', 'abandoned'), ('opened', 'expired'), ('opened', 'unknown'), ('opened', 'surplus'), ('opened', 'reversed'), ('confirming', 'opened'), ('confirming', 'paid'), ('confirming', 'declined'), ('confirming', 'unknown'), ('confirming', 'surplus'), ('confirming', 'reversed'), ('unknown', 'paid'), ('unknown', 'declined'), ('unknown', 'expired'), ('unknown', 'surplus'), ('unknown', 'reversed'), ('declined', 'surplus'), ('declined', 'reversed'), ('abandoned', 'surplus'), ('abandoned', 'reversed'), ('expired', 'surplus'), ('expired', 'reversed'), ('reversed', 'surplus'), ('paid', 'part_refunded'), ('paid', 'refunded'), ('part_refunded', 'refunded'), ('surplus', 'returned')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='dcb2a97cf0bd767d4df1693fa0786d72f52d3062', operation='UPDATE OF "state"', pgid='pgtrigger_payment_moves_afd55', table='payments_payment', when='AFTER')),
        ),
        AddConstraintNotValid(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['created', 'opened', 'confirming', 'unknown', 'declined', 'abandoned', 'expired', 'reversed', 'paid', 'part_refunded', 'refunded', 'surplus', 'returned'])), name='payment_state'),
        ),
    ]
