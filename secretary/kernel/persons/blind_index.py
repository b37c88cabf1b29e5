"""Hash values for look-ups on encrypted columns, with a key of its own for each field.

A person is matched by such a hash, never by name: HMAC of the CI (연계정보), or, for citizens whom an official
registered without one, HMAC of name + birth date + phone.
"""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.persons.person_names import former_name_key, name_key

BLOCK = 64  # bytes of SHA-256


# All are begun once with their key and copied for each value: a third of the time of one that begins anew. HMAC is
# written out (RFC 2104), which takes less than half of the time of copying the object of Python's module.
@lru_cache(maxsize=16)
def _begun(field: str) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """Return the inner and the outer hash of the field's HMAC-SHA256."""
    key = hmac.digest(settings.INDEX_KEY, f"blind-index:{field}".encode(), "sha256").ljust(BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))
    return inner, outer


@lru_cache(maxsize=1)
def _begun_digest() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=16, key=settings.INDEX_KEY)


def keyed_digest(content: bytes) -> bytes:
    """Return 16 bytes that are equal for equal contents, and reveal nothing without the key."""
    digest = _begun_digest().copy()
    digest.update(content)
    return digest.digest()


def keyed_digests(contents: Iterable[bytes]) -> list[bytes]:
    """Return `keyed_digest` of each."""
    begin, digests = _begun_digest().copy, list[bytes]()
    for content in contents:
        digest = begin()
        digest.update(content)
        digests.append(digest.digest())
    return digests


def blind_index(field: str, value: str) -> bytes:
    """32 bytes; the same value of the same field always gives the same bytes."""
    begun_inner, begun_outer = _begun(field)
    inner, outer = begun_inner.copy(), begun_outer.copy()
    inner.update(value.encode())
    outer.update(inner.digest())
    return outer.digest()


def ci_index(ci: str) -> bytes:
    return blind_index("ci", ci)


def ci_indexes(cis: Iterable[str]) -> list[bytes]:
    """Return `ci_index` of each."""
    begun_inner, begun_outer = _begun("ci")
    begin_inner, begin_outer, indexes = begun_inner.copy, begun_outer.copy, list[bytes]()
    for ci in cis:
        inner, outer = begin_inner(), begin_outer()
        inner.update(ci.encode())
        outer.update(inner.digest())
        indexes.append(outer.digest())
    return indexes


def person_index(name: str, birth_date: BirthDate, phone: str) -> bytes:
    """Return the key of a person known by name (in any spelling), birth date and phone (E.164)."""
    return blind_index("person", f"{name_key(name)}|{birth_date.isoformat()}|{phone}")


def former_person_index(name: str, birth_date: BirthDate, phone: str) -> bytes:
    """Return the same as it was made up to 148511c: another one where the name is not in Hangul syllables alone."""
    return blind_index("person", f"{former_name_key(name)}|{birth_date.isoformat()}|{phone}")


def phone_index(phone: str) -> bytes:
    return blind_index("phone", phone)


def name_index(name: str) -> bytes:
    return blind_index("name", name_key(name))


def name_indexes(name: str) -> list[bytes]:
    """Under which a person of that name may stand: the key of now, and that of up to 148511c."""
    return list({name_index(name), blind_index("name", former_name_key(name))})
