from django.contrib.postgres.indexes import HashIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """A person's key by a hash of it: each record is looked up by one (docs/adr/0077)."""

    atomic = False

    dependencies = [("subscriptions", "0035_lifted_by_code")]

    operations = [
        AddIndexConcurrently(model_name="citizenkey", index=HashIndex(fields=["key_hash"], name="citizen_key_by_hash")),
    ]
