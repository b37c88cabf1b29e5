"""Rows of `given_back` become `reversed`: found without a lock, rewritten a few at a time, each time in a transaction of
its own. The trigger of the moves knows no way from one name to the other, so it is left out for these statements."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import connection, migrations, transaction

AT_ONCE = 500
FIND = """
SELECT id FROM payments_payment
WHERE state = 'given_back' OR reason IN ('given_back', 'part_given_back', 'after_given_back') ORDER BY id
"""
RENAME = """
SET LOCAL pgtrigger.ignore = '{pgtrigger_payment_moves_afd55}';
UPDATE payments_payment SET state = CASE state WHEN 'given_back' THEN 'reversed' ELSE state END,
    reason = replace(reason, 'given_back', 'reversed')
WHERE id = ANY(%s)
"""


def rename(apps, editor):
    with connection.cursor() as cursor:
        cursor.execute(FIND)
        found = [pk for (pk,) in cursor.fetchall()]
        for begin in range(0, len(found), AT_ONCE):
            with transaction.atomic():
                cursor.execute(RENAME, [found[begin : begin + AT_ONCE]])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("payments", "0010_reversed"),
    ]

    operations = [
        migrations.RunPython(rename, migrations.RunPython.noop),
        ValidateConstraint(model_name="payment", name="payment_state"),
    ]
