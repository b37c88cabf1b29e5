"""What the check page showed, carried by the page: what is stored is what was read, or the person is asked again.

Two windows share one draft. Signed, so that no other page can put words into it; codes only, and who it is as a hash.
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
        """For telling in the session what was confirmed."""
        return blind_index(SALT, json.dumps(asdict(self))).hex()

    def sealed(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)


def who(ci: str) -> str:
    """By which the same person is told again; says nothing about who it is."""
    return blind_index(SALT, ci)[:8].hex()


def opened(sealed: str) -> Shown | None:
    """Return what a page of ours showed; None where nothing was sent along, or nothing of ours."""
    try:
        told: dict[str, Any] = signing.loads(sealed, salt=SALT)
        return Shown(**told)
    except (signing.BadSignature, TypeError):
        return None
