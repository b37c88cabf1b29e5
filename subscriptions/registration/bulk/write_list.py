"""WRITE LIST: register the valid rows of a confirmed list, part by part, each in one transaction.

A part is compared again with the people who are enrolled by then, under the locks of the page for one senior; it is
marked in the same transaction, so that a killed worker leaves no row out and registers none twice.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.database.retry import retried
from secretary.kernel.enqueue import enqueue
from secretary.kernel.persons.phone import national
from subscriptions.enrolment.consent_texts import live_data_types
from subscriptions.enrolment.people import lock_keys
from subscriptions.models import BulkChunk, BulkRefusal, BulkUpload, ConsentText
from subscriptions.models.bulk import DONE, WRITING
from subscriptions.registration.bulk.columns import (
    BIRTH_DATE,
    CALL,
    CHANNEL,
    CONSENT,
    FAMILY,
    FAMILY_NAME,
    FAMILY_PHONE,
    FORM,
    NAME,
    PHONE,
)
from subscriptions.registration.bulk.likeness import Candidate, Days, Likeness, candidate_of, likenesses
from subscriptions.registration.bulk.name_families import name_families, refused_families
from subscriptions.registration.bulk.read_row import Entry, Fault
from subscriptions.registration.bulk.staged import entries_of, sealed_refusal
from subscriptions.registration.bulk.uploads import LEASE_SECONDS, WRITE_TASK, claim
from subscriptions.registration.bulk.warnings import faults_of, put_warnings_on_trail
from subscriptions.registration.bulk.write_rows import write_rows
from subscriptions.registration.scope import DATA_TYPE

logger = logging.getLogger(__name__)
MOST_PARTS = 100  # of one task, so that no list keeps a worker for long; the next message goes on


def write_list_safely(*, upload_id: int, now: datetime) -> None:
    """As `write_list`; a failure is tried again by the sweep after the lease, and in the end told to the official."""
    try:
        write_list(upload_id=upload_id, now=now)
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("list %s was not registered: %s at %s", upload_id, type(error).__name__, place_of(error))


def write_list(*, upload_id: int, now: datetime) -> None:
    """Register the parts that are left, unless another worker is at it."""
    upload = claim(upload_id, step=WRITING)
    if upload is None:
        return
    days: Days = {}
    left = BulkChunk.objects.filter(upload=upload, written_at=None).order_by("number").values_list("pk", flat=True)
    parts = list(left[: MOST_PARTS + 1])
    for part in parts[:MOST_PARTS]:
        _write_part(upload, part, days, now=now)
    mine = BulkUpload.objects.filter(pk=upload_id, state=WRITING)
    if len(parts) > MOST_PARTS:
        mine.update(try_at=Now())
        enqueue(WRITE_TASK, upload_id=upload_id)
    else:
        mine.update(state=DONE)


@retried
@transaction.atomic
def _write_part(upload: BulkUpload, part: int, days: Days, *, now: datetime) -> None:
    """Register the people of one part, and mark it. Raises Busy."""
    chunk = BulkChunk.objects.select_for_update().filter(pk=part, written_at=None).first()
    if chunk is None:
        return
    candidates = [candidate_of(upload.official.office, entry) for entry in entries_of(chunk)]
    lock_keys({lock for each in candidates for lock in each.locks})
    made_at = upload.confirmed_at or now
    found = likenesses(upload.official.office, candidates, days, but_made_at=made_at)
    not_asked = refused_families((each.entry for each in candidates if each.entry.row not in found), Counter(), now=now)
    new = [each for each in candidates if each.entry.row not in found and each.entry.row not in not_asked]
    text, data_type = _text_and_data_type(upload)
    ids = write_rows(
        new, official=upload.official, texts=upload.texts, text=text, data_type=data_type, made_at=made_at, now=now
    )
    entries = [each.entry for each in new]
    people = {entry.row: citizen for entry, citizen in zip(entries, ids, strict=True)}
    name_families(entries, people, official=upload.official, given_at=made_at, now=now)
    warned = {row: like for row, like in found.items() if like.how != "unchanged"}
    _refuse_rows(upload, candidates, warned, not_asked, now=now)
    BulkChunk.objects.filter(pk=part).update(written_at=now, rows_encrypted=None)
    BulkUpload.objects.filter(pk=upload.pk).update(
        written=F("written") + len(new),
        wrong=F("wrong") + len(warned) + len(not_asked),
        unchanged=F("unchanged") + len(found) - len(warned),
        tries=0,
        try_at=Now() + timedelta(seconds=LEASE_SECONDS),
    )


def _text_and_data_type(upload: BulkUpload) -> tuple[int, int]:
    """Return the consent text of the data type, as it was when the list was checked, and the data type."""
    text = ConsentText.objects.get(pk__in=upload.texts, code=DATA_TYPE)
    return text.pk, live_data_types([DATA_TYPE])[0].pk


def _refuse_rows(
    upload: BulkUpload,
    candidates: Sequence[Candidate],
    warned: Mapping[int, Likeness],
    not_asked: Mapping[int, Sequence[Fault]],
    *,
    now: datetime,
) -> None:
    """Keep the rows whose people have been registered by others since the check, or whose family member cannot be asked
    any more, for the official to compare."""
    late = [each.entry for each in candidates if each.entry.row in warned or each.entry.row in not_asked]
    forms = {entry.row: entry.form for entry in late if entry.row in warned}
    put_warnings_on_trail(upload, forms, warned, now=now)
    faults = {**{row: faults_of(like) for row, like in warned.items()}, **not_asked}
    codes = list(ConsentText.objects.filter(pk__in=upload.texts).values_list("code", flat=True)) if late else []
    BulkRefusal.objects.bulk_create(
        [sealed_refusal(upload.pk, entry.row, _cells(entry, codes), faults[entry.row]) for entry in late]
    )


def _cells(entry: Entry, codes: Sequence[str]) -> dict[str, str]:
    """Return the row as it may be uploaded again."""
    return {
        FORM: entry.form,
        NAME: entry.name,
        BIRTH_DATE: entry.birth_date.isoformat(),
        PHONE: national(entry.phone),
        CHANNEL: entry.channel,
        **{CONSENT + code: "예" for code in codes},
        CALL: "예" if entry.call else "",
        FAMILY: "예" if entry.family_phone else "",
        FAMILY_NAME: entry.family_name,
        FAMILY_PHONE: national(entry.family_phone) if entry.family_phone else "",
    }
