"""The agency's case number is private: what bills and payments share becomes a keyed hash.

Rows are done 500 at a time, each time in a transaction of its own: it may be stopped and run again, and what is
hashed already is passed over. Rows that running old code adds meanwhile are found and hashed by the new code when it
first locks their debt (payments/bills/debts.py, docs/adr/0015).
"""

import orjson
from django.db import connection, migrations, transaction

from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.secrets.encryption import Undecryptable, cipher

AT_ONCE = 500
# By 148511c: the agency's code, a colon, then `case:` and the number (cut), or the record's own number. A hash has no
# colon. The key: the one of the person's two by which the record is about them, or that has moved to another row of
# theirs.
TAKE = """
SELECT b.id, b.debt, a.code, r.external_id, r.payload_encrypted
FROM payments_bill b JOIN notifications_record r ON r.id = b.record_id JOIN subscriptions_agency a ON a.id = r.agency_id
WHERE b.id > %s ORDER BY b.id LIMIT %s
"""
HASH = """
WITH named AS (SELECT * FROM unnest(%(ids)s::bigint[], %(old)s::text[], %(new)s::text[]) AS t(id, old, new)),
payment AS (
    UPDATE payments_payment p SET debt = named.new FROM named WHERE p.bill_id = named.id AND p.debt = named.old
)
UPDATE payments_bill b SET debt = named.new FROM named WHERE b.id = named.id AND b.debt = named.old
"""
FOLLOW = """
UPDATE payments_bill b SET seen_version = r.version, key_id = (
    SELECT k.id FROM subscriptions_citizenkey k
    WHERE k.key_hash IN (r.ci_hash, r.person_hash) AND (k.citizen_id = b.citizen_id OR EXISTS (
        SELECT 1 FROM common_auditevent e WHERE e.action = 'citizen.merged' AND e.citizen_id = b.citizen_id
            AND e.object = 'into:' || k.citizen_id))
    ORDER BY k.citizen_id = b.citizen_id DESC, k.id LIMIT 1)
FROM notifications_record r WHERE r.id = b.record_id AND b.id = ANY(%(ids)s) AND b.seen_version IS NULL
"""


def named(agency, kind, value):
    return blind_index("debt", orjson.dumps([agency, kind, value]).decode()).hex()


def case_of(code, external_id, payload):
    bound_to = f"record:{code}:{external_id}"
    try:
        fields = orjson.loads(cipher().decrypt(bytes(payload), bound_to=bound_to))
    except (Undecryptable, ValueError, IndexError):
        return None
    return fields.get("case_number") or None


def in_clear(code, case, external_id):
    return f"{code}:" + (f"case:{case}"[:110] if case else external_id)


def hashed(old, code, external_id, payload):
    if ":" not in old:
        return old
    case = case_of(code, external_id, payload)
    if case and old == in_clear(code, case, external_id):
        return named(code, "case", str(case))
    text = old.removeprefix(f"{code}:")
    if text == external_id or not text.startswith("case:"):
        return named(code, "record", text)
    return named(code, "case", text.removeprefix("case:"))  # the record names another case by now, or cannot be read


def unhashed(old, code, external_id, payload):
    return old if ":" in old else in_clear(code, case_of(code, external_id, payload), external_id)


def rename(how, *, follow):
    after = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TAKE, [after, AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                return
            ids, old = [row[0] for row in rows], [row[1] for row in rows]
            new = [how(*row[1:]) for row in rows]
            cursor.execute(HASH, {"ids": ids, "old": old, "new": new})
            if follow:
                cursor.execute(FOLLOW, {"ids": ids})
        after = ids[-1]


class Migration(migrations.Migration):
    """Backwards: the newest case that the record names. A bill whose record was corrected since gets that one."""

    atomic = False
    dependencies = [
        ('payments', '0003_bill_per_person'),
        ('notifications', '0006_record_told_encrypted'),
        ('subscriptions', '0001_initial'),
        ('common', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, editor: rename(hashed, follow=True),
            lambda apps, editor: rename(unhashed, follow=False),
        ),
    ]
