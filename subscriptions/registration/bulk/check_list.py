"""CHECK LIST: look at each row of an uploaded list, in the background; this registers no senior.

A warning about an enrolled person and a refusal by age are on the audit trail before the official sees them, as on the
page for one senior.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice

from django.db import transaction

from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.time.clock import kst_date
from subscriptions.models import BulkChunk, BulkRefusal, BulkUpload, Office
from subscriptions.models.bulk import CHECKED, CHECKING
from subscriptions.registration.bulk.columns import BIRTH_DATE, FORM, NAME, PHONE, places_of
from subscriptions.registration.bulk.likeness import Candidate, Days, candidate_of, likenesses, once_in_a_file
from subscriptions.registration.bulk.name_families import refused_families
from subscriptions.registration.bulk.read_file import read_file
from subscriptions.registration.bulk.read_row import Entry, Fault, kept_cells, read_row, without_resident_numbers
from subscriptions.registration.bulk.refused_file import FileRefused
from subscriptions.registration.bulk.staged import sealed_entries, sealed_refusal
from subscriptions.registration.bulk.uploads import claim, refuse, terms
from subscriptions.registration.bulk.warnings import faults_of, put_refusals_on_trail, put_warnings_on_trail

logger = logging.getLogger(__name__)
BATCH = 1000  # rows that are looked at together
CHUNK = 250  # rows that are registered in one transaction
PLACE_OF = {"row_person": NAME, "row_number": PHONE, "row_form": FORM}

Row = tuple[int, dict[str, str]]


def check_list_safely(*, upload_id: int, now: datetime) -> None:
    """As `check_list`; a failure is tried again by the sweep after the lease, and in the end told to the official."""
    try:
        check_list(upload_id=upload_id, now=now)
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("list %s was not checked: %s at %s", upload_id, type(error).__name__, place_of(error))


def check_list(*, upload_id: int, now: datetime) -> None:
    """Check the whole list, from its first row, unless another worker is at it."""
    upload = claim(upload_id, step=CHECKING)
    if upload is None:
        return
    with transaction.atomic():  # what a killed worker left
        BulkChunk.objects.filter(upload=upload).delete()
        BulkRefusal.objects.filter(upload=upload).delete()
    try:
        _Check(upload, now=now).run()
    except FileRefused as refused:
        BulkRefusal.objects.filter(upload=upload).delete()
        refuse(upload_id, refused.code, refused.detail)


class _Check:
    """One run over one list."""

    def __init__(self, upload: BulkUpload, *, now: datetime) -> None:
        self._upload, self._now = upload, now
        self._office: Office = upload.official.office
        self._seen: dict[bytes, int] = {}
        self._named: Counter[bytes] = Counter()  # numbers of family members
        self._days: Days = {}
        self._valid: list[Entry] = []
        self._chunks = self._looked_at = self._wrong = self._unchanged = 0

    def run(self) -> None:
        """Raises FileRefused."""
        _, texts, columns = terms()
        total, header, rows = read_file(self._upload.content)
        places = places_of(header, columns)
        kept = ((number, kept_cells(cells, places)) for number, cells in rows)
        self._save(total=total)
        while batch := list(islice(kept, BATCH)):
            self._look_at(batch, kst_date(self._now))
            self._save(total=max(total, self._looked_at))
        self._stage(all_of_it=True)
        if not self._looked_at:
            raise FileRefused("empty")
        valid = self._looked_at - self._wrong - self._unchanged
        self._save(
            total=self._looked_at,
            valid=valid,
            state=CHECKED,
            texts=[text.pk for text in texts],
            file_encrypted=None,
        )

    def _look_at(self, batch: Sequence[Row], today: date) -> None:
        wrong: dict[int, list[Fault]] = {}
        candidates: list[Candidate] = []
        for row, cells in batch:
            read = read_row(row, cells, today=today)
            if isinstance(read, Entry):
                candidates.append(candidate_of(self._office, read))
            else:
                wrong[row] = read
        found = likenesses(self._office, candidates, self._days)
        warned = {row: like for row, like in found.items() if like.how != "unchanged"}
        wrong |= {row: faults_of(like) for row, like in warned.items()}
        new = [each for each in candidates if each.entry.row not in found]
        families = refused_families((each.entry for each in new), self._named, now=self._now)
        for each in new:
            if faults := [*self._twice(each), *families.get(each.entry.row, ())]:
                wrong[each.entry.row] = faults
            else:
                self._valid.append(each.entry)
        forms = {row: without_resident_numbers(cells)[FORM] for row, cells in batch if row in wrong}
        young = [row for row, faults in wrong.items() if (BIRTH_DATE, "too_young") in faults]
        with transaction.atomic():
            put_warnings_on_trail(self._upload, forms, warned, now=self._now)
            put_refusals_on_trail(self._upload, [forms[row] for row in young], now=self._now)
            BulkRefusal.objects.bulk_create(
                [
                    sealed_refusal(self._upload.pk, row, without_resident_numbers(cells), wrong[row])
                    for row, cells in batch
                    if row in wrong
                ]
            )
            self._stage()
        self._looked_at += len(batch)
        self._wrong += len(wrong)
        self._unchanged += len(found) - len(warned)

    def _twice(self, each: Candidate) -> list[Fault]:
        """Return what an earlier row of the file has too, and remember what this one has."""
        faults = []
        for code, mark in once_in_a_file(each).items():
            first = self._seen.setdefault(mark, each.entry.row)
            if first != each.entry.row:
                faults.append((PLACE_OF[code], f"{code}:{first}"))
        return faults

    def _stage(self, *, all_of_it: bool = False) -> None:
        keep = 0 if all_of_it else len(self._valid) % CHUNK
        whole, self._valid = self._valid[: len(self._valid) - keep], self._valid[len(self._valid) - keep :]
        chunks = (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
        sealed = [
            sealed_entries(self._upload.pk, number, entries) for number, entries in enumerate(chunks, self._chunks)
        ]
        BulkChunk.objects.bulk_create(sealed)
        self._chunks += len(sealed)

    def _save(self, **values: object) -> None:
        """Write how far it is. A list whose time was over meanwhile stays as it is."""
        counts = {"looked_at": self._looked_at, "wrong": self._wrong, "unchanged": self._unchanged}
        BulkUpload.objects.filter(pk=self._upload.pk, state=CHECKING).update(**counts, **values)
