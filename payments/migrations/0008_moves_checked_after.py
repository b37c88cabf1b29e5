import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """As BEFORE triggers they made PostgreSQL lock each row before it was updated."""

    dependencies = [
        ('payments', '0007_bill_unknown_to_agency'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='agencyposting',
            name='posting_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='bill',
            name='bill_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payment',
            name='payment_moves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='refund',
            name='refund_moves',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agencyposting',
            trigger=pgtrigger.compiler.Trigger(name='posting_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('waiting', 'acknowledged'), ('waiting', 'refused'), ('refused', 'waiting'), ('refused', 'acknowledged')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='60b4df54c6551e160eba4ef81b23210174b17dc9', operation='UPDATE OF "state"', pgid='pgtrigger_posting_moves_7692d', table='payments_agencyposting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bill',
            trigger=pgtrigger.compiler.Trigger(name='bill_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('open', 'paid'), ('open', 'closed'), ('paid', 'part_refunded'), ('paid', 'refunded'), ('part_refunded', 'refunded'), ('refunded', 'open'), ('refunded', 'closed'), ('closed', 'open')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='596aee4c1da5d4b06b8d1e844608aa1a3d7953fe', operation='UPDATE OF "state"', pgid='pgtrigger_bill_moves_06806', table='payments_bill', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('created', 'opened'), ('created', 'paid'), ('created', 'declined'), ('created', 'abandoned'), ('created', 'expired'), ('created', 'unknown'), ('created', 'surplus'), ('created', 'given_back'), ('opened', 'confirming'), ('opened', 'paid'), ('opened', 'declined'), ('opened', 'abandoned'), ('opened', 'expired'), ('opened', 'unknown'), ('opened', 'surplus'), ('opened', 'given_back'), ('confirming', 'opened'), ('confirming', 'paid'), ('confirming', 'declined'), ('confirming', 'unknown'), ('confirming', 'surplus'), ('confirming', 'given_back'), ('unknown', 'paid'), ('unknown', 'declined'), ('unknown', 'expired'), ('unknown', 'surplus'), ('unknown', 'given_back'), ('declined', 'surplus'), ('declined', 'given_back'), ('abandoned', 'surplus'), ('abandoned', 'given_back'), ('expired', 'surplus'), ('expired', 'given_back'), ('given_back', 'surplus'), ('paid', 'part_refunded'), ('paid', 'refunded'), ('part_refunded', 'refunded'), ('surplus', 'returned')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='133359c89a445171e942bc905470406df35cf782', operation='UPDATE OF "state"', pgid='pgtrigger_payment_moves_afd55', table='payments_payment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refund',
            trigger=pgtrigger.compiler.Trigger(name='refund_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IS DISTINCT FROM NEW.state AND (OLD.state, NEW.state) NOT IN (('requested', 'approved'), ('requested', 'rejected'), ('approved', 'sending'), ('approved', 'rejected'), ('sending', 'done'), ('sending', 'refused'), ('sending', 'unknown'), ('unknown', 'sending'), ('unknown', 'done'), ('unknown', 'refused')))", func="RAISE EXCEPTION 'state may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';", hash='29ac037ce04b564afae6265352bb97d644a15155', operation='UPDATE OF "state"', pgid='pgtrigger_refund_moves_25a44', table='payments_refund', when='AFTER')),
        ),
    ]
