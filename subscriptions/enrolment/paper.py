"""Seal the data of a paper form with its consent: an office is shown this and never more."""

import json
from dataclasses import dataclass
from uuid import UUID

from secretary.kernel.persons.birth_dates import BirthDate, birth_date_from_iso
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper form as the official typed it. `phone`: E.164."""

    name: str
    birth_date: BirthDate
    phone: str

    def sealed(self, citizen_id: UUID) -> bytes:
        text = json.dumps([self.name, self.birth_date.isoformat(), self.phone], ensure_ascii=False)
        return encrypt_text(text, bound_to=_bound_to(citizen_id))

    @classmethod
    def opened(cls, sealed: bytes | memoryview, citizen_id: UUID) -> "Paper":
        """Decrypt the paper form of a consent. Raises Undecryptable."""
        name, birth_date, phone = json.loads(decrypt_text(sealed, bound_to=_bound_to(citizen_id)))
        return cls(name, birth_date_from_iso(birth_date), phone)


def _bound_to(citizen_id: UUID) -> str:
    return f"consent.paper:{citizen_id}"
