"""Look-ups on encrypted columns: keyed hashes, a key of its own for each field.

A person is matched by such a hash, never by name: HMAC of the CI (연계정보), or, for people whom an official
registered without one, HMAC of name + birth date + phone.
"""

import hmac
import unicodedata
from datetime import date
from functools import lru_cache

from django.conf import settings


@lru_cache(maxsize=16)
def _field_key(field: str) -> bytes:
    return hmac.digest(settings.INDEX_KEY, f"blind-index:{field}".encode(), "sha256")


def blind_index(field: str, value: str) -> bytes:
    """32 bytes; the same value of the same field always gives the same bytes."""
    return hmac.digest(_field_key(field), value.encode(), "sha256")


def ci_index(ci: str) -> bytes:
    return blind_index("ci", ci)


def person_index(name: str, birth_date: date, phone: str) -> bytes:
    """The key of a person known by name, birth date and phone (E.164). Blanks in names do not count."""
    plain = "".join(unicodedata.normalize("NFC", name).split())
    return blind_index("person", f"{plain}|{birth_date.isoformat()}|{phone}")


def phone_index(phone: str) -> bytes:
    return blind_index("phone", phone)


def name_index(name: str) -> bytes:
    return blind_index("name", "".join(unicodedata.normalize("NFC", name).split()))
