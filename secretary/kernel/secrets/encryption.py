"""Encrypt personal data at rest: AES-256-GCM with key ids and the row's identity as associated data.

`cryptography` is not a KCMVP-validated module (docs/privacy.md).

Stored form: one byte format (1), one byte length of the key id, the key id, 12 bytes nonce, ciphertext with tag.
"""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORMAT = 1
NONCE_BYTES = 12


class Undecryptable(Exception):
    """The value was altered, moved to another row, or its key is gone."""


class Cipher:
    """Encrypts with the newest key, decrypts with any. `keys`: key id → 32 bytes, the current key first.

    `prefix`: how everything begins that was encrypted with the current key.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id.encode(): AESGCM(key) for key_id, key in keys.items()}
        self.current, self._newest = next(iter(self._ciphers.items()))
        self.prefix = bytes([FORMAT, len(self.current)]) + self.current

    def encrypt(self, plain: bytes, *, bound_to: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self.prefix + nonce + self._newest.encrypt(nonce, plain, bound_to.encode())

    def encrypt_all(self, plain: Sequence[bytes], *, bound_to: Iterable[str]) -> list[bytes]:
        """Encrypt each bound to its own identity; the random bytes of all are drawn at once."""
        drawn, prefix, encrypt = os.urandom(NONCE_BYTES * len(plain)), self.prefix, self._newest.encrypt
        nonces = [drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES)]
        return [
            prefix + nonce + encrypt(nonce, each, identity.encode())
            for nonce, each, identity in zip(nonces, plain, bound_to, strict=True)
        ]

    def decrypt(self, stored: bytes, *, bound_to: str) -> bytes:
        if stored.startswith(self.prefix):  # nearly everything
            cipher, start = self._newest, len(self.prefix)
        else:
            cipher, start = self._older(stored)
        nonce, body = stored[start : start + NONCE_BYTES], stored[start + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, bound_to.encode())
        except InvalidTag as error:
            raise Undecryptable("altered, or moved to another row") from error

    def decrypt_all(self, stored: Iterable[bytes | memoryview], *, bound_to: Iterable[str]) -> list[bytes]:
        """Decrypt each, bound to its own identity. Raises Undecryptable where one of them cannot be."""
        prefix, decrypt = self.prefix, self._newest.decrypt
        start = len(prefix)
        end = start + NONCE_BYTES
        try:
            return [
                decrypt(each[start:end], each[end:], identity.encode())
                if each.startswith(prefix)
                else self.decrypt(each, bound_to=identity)
                for each, identity in zip(map(bytes, stored), bound_to, strict=True)
            ]
        except InvalidTag as error:
            raise Undecryptable("altered, or moved to another row") from error

    def _older(self, stored: bytes) -> tuple[AESGCM, int]:
        key_id, start = stored[2 : 2 + stored[1]], 2 + stored[1]
        cipher = self._ciphers.get(key_id)
        if stored[0] != FORMAT or cipher is None:
            raise Undecryptable(f"no key {key_id!r}")
        return cipher, start


@lru_cache(maxsize=1)
def cipher() -> Cipher:
    """Return the cipher of this installation, from FIELD_KEYS."""
    return Cipher(settings.FIELD_KEYS)


def encrypt_text(text: str, *, bound_to: str) -> bytes:
    return cipher().encrypt(text.encode(), bound_to=bound_to)


def decrypt_text(stored: bytes | memoryview, *, bound_to: str) -> str:
    return cipher().decrypt(bytes(stored), bound_to=bound_to).decode()
