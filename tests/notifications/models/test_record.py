"""What a record says is opened once for its columns as they are, and never for columns that it has no more."""

from typing import Any

import pytest

from notifications.models import Record
from secretary.kernel.secrets.encryption import Cipher, Undecryptable, cipher
from tests.notifications.cast import enrol, ingest, make_data_type, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was decrypted since."""
    found, inner = list[str](), Cipher.decrypt

    def noting(self: Cipher, stored: bytes, *, bound_to: str) -> bytes:
        found.append(bound_to)
        return inner(self, stored, bound_to=bound_to)

    monkeypatch.setattr(Cipher, "decrypt", noting)
    return found


def read() -> Record:
    return Record.objects.select_related("agency").get()


def test_one_instance_opens_its_columns_once(opened: list[str]) -> None:
    enrol(1, make_data_type())
    ingest(record(1, external_id="F"))
    row = read()
    opened.clear()
    first = row.payload
    first["violation"] = "changed by who asked"
    assert row.payload["violation"] == "신호위반" and len(opened) == 1
    assert read().payload == row.payload and len(opened) == 2


def test_other_columns_are_opened_anew(opened: list[str]) -> None:
    enrol(1, make_data_type())
    ingest(record(1, external_id="F"))
    row = read()
    assert row.payload["violation"] == "신호위반"
    ingest(record(1, external_id="F", version=2, fields={"violation": "제한속도 위반"}))
    opened.clear()
    row.refresh_from_db()
    assert row.payload["violation"] == "제한속도 위반" and len(opened) == 1
    row.told_encrypted = noted(row, b'{"paid_amount": 40000}')
    assert row.payload["paid_amount"] == 40000
    row.payload_encrypted = bytes(row.payload_encrypted)[:-1] + b"!"
    with pytest.raises(Undecryptable):
        row.payload  # noqa: B018  (it is opened)


def noted(row: Record, content: bytes) -> Any:
    return cipher().encrypt(content, bound_to=Record.notified_bound_to(row.agency.code, row.external_id))
