"""Seal the rows of a list while they wait: the valid ones in parts, each wrong one for the official who uploaded it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from secretary.kernel.persons.birth_dates import birth_date_from_iso
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text
from subscriptions.models import BulkChunk, BulkRefusal
from subscriptions.registration.bulk.read_row import Entry, Fault


def sealed_entries(upload_id: int, number: int, entries: Iterable[Entry]) -> BulkChunk:
    # The last value only where it is true, so that a worker of the release before reads the other rows.
    rows = [[e.row, e.form, e.name, e.birth_date.isoformat(), e.phone, e.channel, *[True] * e.call] for e in entries]
    text = json.dumps(rows, ensure_ascii=False)
    sealed = encrypt_text(text, bound_to=f"bulk_chunk:{upload_id}.{number}")
    return BulkChunk(upload_id=upload_id, number=number, rows_encrypted=sealed)


def entries_of(chunk: BulkChunk) -> list[Entry]:
    rows = json.loads(
        decrypt_text(chunk.rows_encrypted or b"", bound_to=f"bulk_chunk:{chunk.upload_id}.{chunk.number}")
    )
    return [
        Entry(row, form, name, birth_date_from_iso(born), phone, channel, call=bool(call))
        for row, form, name, born, phone, channel, *call in rows
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
