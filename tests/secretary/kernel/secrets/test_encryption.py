import hmac

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.persons.blind_index import blind_index, person_index
from secretary.kernel.secrets.encryption import Cipher, Undecryptable

OLD, NEW = b"o" * 32, b"n" * 32
CIPHER = Cipher({"k1": OLD})


@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_is_encrypted_comes_back_only_for_its_own_row(plain: bytes, row: str) -> None:
    stored = CIPHER.encrypt(plain, bound_to=row)
    assert CIPHER.decrypt(stored, bound_to=row) == plain
    with pytest.raises(Undecryptable):
        CIPHER.decrypt(stored, bound_to=row + "x")


def test_one_changed_bit_is_noticed() -> None:
    stored = bytearray(CIPHER.encrypt(b"secret", bound_to="row"))
    stored[-1] ^= 1
    with pytest.raises(Undecryptable):
        CIPHER.decrypt(bytes(stored), bound_to="row")


def test_after_a_change_of_keys_the_old_is_read_and_the_new_is_written() -> None:
    old = CIPHER.encrypt(b"secret", bound_to="row")
    both = Cipher({"k2": NEW, "k1": OLD})
    assert both.decrypt(old, bound_to="row") == b"secret"
    assert not old.startswith(both.prefix) and both.encrypt(b"x", bound_to="row").startswith(both.prefix)
    with pytest.raises(Undecryptable):
        Cipher({"k2": NEW}).decrypt(old, bound_to="row")


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert CIPHER.encrypt(b"x", bound_to="row") != CIPHER.encrypt(b"x", bound_to="row")


def test_each_field_has_hashes_of_its_own_and_blanks_in_names_do_not_count() -> None:
    from datetime import date

    assert blind_index("phone", "1") != blind_index("ci", "1")
    born = date(1960, 1, 2)
    assert person_index("홍 길동", born, "+8210") == person_index("\u1112\u1169\u11bc길동", born, "+8210")


@given(st.text(max_size=100))
def test_a_blind_index_is_hmac_sha256_under_a_key_of_its_field(value: str) -> None:
    key = hmac.digest(settings.INDEX_KEY, b"blind-index:phone", "sha256")
    assert blind_index("phone", value) == hmac.digest(key, value.encode(), "sha256")
