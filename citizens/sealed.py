"""List the encrypted columns of the citizens' site, for the rotation of keys."""

from citizens.models import DataExport, Erasure
from secretary.kernel.secrets.rotation import Sealed

SEALED = (
    Sealed(DataExport, "content_encrypted", "'data_export:' || t.id"),
    Sealed(Erasure, "toss_keys_encrypted", "'erasure.toss:' || t.number"),
)
