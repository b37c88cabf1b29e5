"""List the encrypted columns of the notifications, for the rotation of keys."""

from notifications.models import AgencyKey, Record
from secretary.kernel.secrets.rotation import Sealed
from subscriptions.models import Agency

_RECORD = (
    f"'record:' || (SELECT a.code FROM {Agency._meta.db_table} a WHERE a.id = t.agency_id) || ':' || t.external_id"  # noqa: S608
)

SEALED = (
    Sealed(Record, "payload_encrypted", _RECORD),
    Sealed(Record, "told_encrypted", f"{_RECORD} || ':told'"),
    Sealed(AgencyKey, "secret_encrypted", "'agency_key:' || t.key_id"),
)
