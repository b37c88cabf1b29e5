"""Seal the rows of a list while they wait: the valid ones in parts, each wrong one for the official who uploaded it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from secretary.kernel.persons.birth_dates import birth_date_from_iso
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text
from subscriptions.models import BulkChunk, BulkRefusal
from subscriptions.registration.bulk.read_row import Entry, Fault


def sealed_entries(upload_id: int, number: int, entries: Iterable[Entry]) -> BulkChunk:
    rows = [[e.row, e.form, e.name, e.birth_date.isoformat(), e.phone, e.channel, *_agreed(e)] for e in entries]
    text = json.dumps(rows, ensure_ascii=False)
    sealed = encrypt_text(text, bound_to=f"bulk_chunk:{upload_id}.{number}")
    return BulkChunk(upload_id=upload_id, number=number, rows_encrypted=sealed)


def _agreed(entry: Entry) -> list[object]:
    """Return what no one needs to agree to, only where it was: a worker of the release before reads the other rows."""
    if not entry.call:
        return []
    return [True, entry.family_name, entry.family_phone] if entry.family_phone else [True]


def entries_of(chunk: BulkChunk) -> list[Entry]:
    rows = json.loads(
        decrypt_text(chunk.rows_encrypted or b"", bound_to=f"bulk_chunk:{chunk.upload_id}.{chunk.number}")
    )
    return [
        Entry(row, form, name, birth_date_from_iso(born), phone, channel, *agreed)
        for row, form, name, born, phone, channel, *agreed in rows
    ]


def sealed_refusal(upload_id: int, row: int, cells: Mapping[str, str], faults: Sequence[Fault]) -> BulkRefusal:
    text = json.dumps(dict(cells), ensure_ascii=False)
    sealed = encrypt_text(text, bound_to=f"bulk_refusal:{upload_id}.{row}")
    return BulkRefusal(upload_id=upload_id, row=row, faults=list(faults), row_encrypted=sealed)


def cells_of(refusal: BulkRefusal) -> dict[str, str]:
    cells: dict[str, str] = json.loads(
        decrypt_text(refusal.row_encrypted, bound_to=f"bulk_refusal:{refusal.upload_id}.{refusal.row}")
    )
    return cells
