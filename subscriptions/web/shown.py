"""Sign the answers that the check page showed: only these are stored, or the person must confirm again.

Two windows share one draft. Signed, so that no other page can forge it; it holds only codes, and the person as a hash.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing

from secretary.kernel.persons.blind_index import blind_index

SALT = "check-page"


@dataclass(frozen=True, slots=True)
class Shown:
    """The answers that a person is about to confirm. `texts`: ids of the consent texts agreed to."""

    who: str
    channels: Sequence[str]
    agreed: Sequence[str]
    texts: Sequence[int]

    @property
    def digest(self) -> str:
        """Return a hash by which the session recognises the confirmed answers."""
        return blind_index(SALT, json.dumps(asdict(self))).hex()

    def sealed(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)


def who(ci: str) -> str:
    """Return a hash that recognises the same person, without revealing the identity."""
    return blind_index(SALT, ci)[:8].hex()


def opened(sealed: str) -> Shown | None:
    """Return the answers that the page showed; None where none were sent along, or forged ones."""
    try:
        content: dict[str, Any] = signing.loads(sealed, salt=SALT)
        return Shown(**content)
    except (signing.BadSignature, TypeError):
        return None
