"""Bills that an earlier release left with the former row of a person, for the next look at them to take along.

Looks take nothing along any more: a merge does, and `follow_records`. So these bills are put before that: else their
person would see them neither there nor here. Which they are is read without a lock; a few at a time are marked.
"""

from django.db import connection, migrations, transaction

AT_ONCE = 500
FIND = """
SELECT b.id FROM payments_bill b JOIN subscriptions_citizenkey k ON k.id = b.key_id AND k.citizen_id <> b.citizen_id
WHERE b.seen_version IS NOT NULL ORDER BY b.id
"""
MARK = "UPDATE payments_bill SET seen_version = NULL WHERE id = ANY(%s)"


def mark(apps, editor):
    with connection.cursor() as cursor:
        cursor.execute(FIND)
        left = [pk for (pk,) in cursor.fetchall()]
        for begin in range(0, len(left), AT_ONCE):
            with transaction.atomic():
                cursor.execute(MARK, [left[begin : begin + AT_ONCE]])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("payments", "0008_moves_checked_after"),
        ("subscriptions", "0001_initial"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
