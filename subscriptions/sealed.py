"""List the encrypted columns of the subscriptions, for the rotation of keys."""

from secretary.kernel.secrets.rotation import Sealed
from subscriptions.models import (
    Authenticator,
    BulkChunk,
    BulkRefusal,
    BulkUpload,
    Citizen,
    Consent,
    Contact,
    FamilyMember,
    PhoneCode,
)

SEALED = (
    Sealed(Authenticator, "key_encrypted", "'authenticator:' || t.user_id"),
    Sealed(Citizen, "name_encrypted", "'citizen.name:' || t.id"),
    Sealed(Citizen, "birth_date_encrypted", "'citizen.birth_date:' || t.id"),
    Sealed(Contact, "value_encrypted", "'contact.' || t.kind || ':' || t.citizen_id"),
    Sealed(FamilyMember, "called_encrypted", "'family.name:' || t.mark"),
    Sealed(FamilyMember, "phone_encrypted", "'family.phone:' || t.mark"),
    Sealed(FamilyMember, "code_encrypted", "'family.code:' || t.mark"),
    Sealed(PhoneCode, "phone_encrypted", "'phone_code.phone:' || t.mark"),
    Sealed(PhoneCode, "code_encrypted", "'phone_code.code:' || t.mark"),
    Sealed(Consent, "paper_encrypted", "'consent.paper:' || t.citizen_id"),
    Sealed(BulkUpload, "file_encrypted", "'bulk_upload:' || t.id"),
    Sealed(BulkChunk, "rows_encrypted", "'bulk_chunk:' || t.upload_id || '.' || t.number"),
    Sealed(BulkRefusal, "row_encrypted", "'bulk_refusal:' || t.upload_id || '.' || t.row"),
)
