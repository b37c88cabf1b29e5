"""Take in a list, confirm its valid rows, and remove its content when its time is over.

A worker takes a step by moving `try_at` on by its lease, so that two are not at the same one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.enqueue import enqueue
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.events import announce_list_failed
from subscriptions.models import BulkChunk, BulkRefusal, BulkUpload, ConsentText, DataType, Official
from subscriptions.models.bulk import AT_WORK, BULK_MOVES, CHECKED, CHECKING, EXPIRED, REFUSED, UPLOADED, WRITING
from subscriptions.registration.bulk.columns import Column, columns_of
from subscriptions.registration.bulk.read_file import refuse_by_signature
from subscriptions.registration.scope import DATA_TYPE, uploads_of

CHECK_TASK, WRITE_TASK = "subscriptions.check_list", "subscriptions.write_list"
KEPT = timedelta(days=3)  # the content of a list; less than the five days of an erasure
LEASE_SECONDS = 300  # longer than the tasks' limit
MOST_TRIES = 5
CLAIM = """
UPDATE subscriptions_bulkupload SET state = %(to)s, tries = tries + 1,
    try_at = clock_timestamp() + make_interval(secs => %(lease)s),
    began_at = CASE WHEN state = %(to)s THEN coalesce(began_at, clock_timestamp()) ELSE clock_timestamp() END
WHERE id = %(id)s AND state = ANY(%(from)s) AND try_at <= clock_timestamp() RETURNING tries
"""
WAITING = """
SELECT id, state FROM subscriptions_bulkupload
WHERE state = ANY(%s) AND try_at <= clock_timestamp() ORDER BY try_at LIMIT 100
"""


class AtWork(Exception):
    """The official's list before this one is not finished."""


class TextsChanged(Exception):
    """The consent texts have changed since the check: the paper forms must be compared with them again."""


def terms() -> tuple[DataType, list[ConsentText], list[Column]]:
    """Return the data type that lists register for, the consent texts in force, and the columns. Raises NotOffered."""
    data_types = live_data_types([DATA_TYPE])
    texts = texts_for(data_types)
    return data_types[0], texts, columns_of(texts, data_types)


@retried
@transaction.atomic
def take_in(*, official: Official, content: bytes, now: datetime) -> BulkUpload:
    """Keep the file, encrypted, and enqueue its check. Raises FileRefused, AtWork, Busy."""
    refuse_by_signature(content)
    Official.objects.select_for_update(no_key=True).get(pk=official.pk)
    if BulkUpload.objects.filter(official=official, state__in=AT_WORK).exists():
        raise AtWork
    upload = BulkUpload.objects.create(official=official, uploaded_at=now, expires_at=now + KEPT)
    upload.content = content
    upload.save(update_fields=["file_encrypted"])
    record_audit(now=now, actor=f"official:{official.id}", action="list.uploaded", object=f"upload:{upload.pk}")
    transaction.on_commit(lambda: enqueue(CHECK_TASK, upload_id=upload.pk))
    return upload


@retried
@transaction.atomic
def confirm(*, official: Official, upload_id: int, now: datetime) -> bool:
    """Begin to register the valid rows; return whether this call began it. `official`: who uploaded the list, in whose
    name it is registered, or the manager of the office. Raises TextsChanged, AtWork, Busy."""
    owner = uploads_of(official).filter(pk=upload_id).values_list("official", flat=True).first()
    if owner is None:
        return False
    Official.objects.select_for_update(no_key=True).get(pk=owner)
    theirs = BulkUpload.objects.filter(official=owner)
    upload = theirs.filter(pk=upload_id, state=CHECKED, expires_at__gt=now, valid__gt=0).first()
    if upload is None:
        return False
    if theirs.filter(state__in=AT_WORK).exists():
        raise AtWork
    _, texts, _ = terms()
    if upload.texts != [text.pk for text in texts]:
        raise TextsChanged
    BulkUpload.objects.filter(pk=upload.pk).update(
        state=WRITING, confirmed_at=now, tries=0, try_at=Now(), began_at=None
    )
    record_audit(now=now, actor=f"official:{official.id}", action="list.confirmed", object=f"upload:{upload.pk}")
    transaction.on_commit(lambda: enqueue(WRITE_TASK, upload_id=upload.pk))
    return True


def claim(upload_id: int, *, step: str) -> BulkUpload | None:
    """Take the step of this list; None where another worker is at it, it is over, or it failed too often."""
    begins = [UPLOADED, CHECKING] if step == CHECKING else [step]
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"to": step, "from": begins, "id": upload_id, "lease": LEASE_SECONDS})
        claimed = cursor.fetchone()
    if claimed is None:
        return None
    if claimed[0] > MOST_TRIES:
        refuse(upload_id, "failed")
        announce_list_failed(upload_id)
        return None
    return BulkUpload.objects.select_related("official__office").get(pk=upload_id)


@transaction.atomic
def refuse(upload_id: int, code: str, detail: str = "") -> None:
    """End a list that cannot be read, or whose step fails, and remove its content; what is registered stays."""
    refused = BulkUpload.objects.filter(pk=upload_id, state__in=AT_WORK)
    if refused.update(state=REFUSED, refusal=code, refusal_detail=detail[:60], file_encrypted=None):
        BulkChunk.objects.filter(upload=upload_id).delete()


def waiting_steps() -> list[tuple[str, int]]:
    """Return (task, list) of each step that no worker holds."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [list(AT_WORK)])
        return [(WRITE_TASK if state == WRITING else CHECK_TASK, pk) for pk, state in cursor.fetchall()]


def empty_expired(*, now: datetime) -> int:
    """Remove the content of lists whose time is over; return of how many. Their counts stay."""
    over = BulkUpload.objects.filter(expires_at__lte=now, emptied_at=None).exclude(state=WRITING)
    ids: Sequence[int] = list(over.order_by("expires_at").values_list("pk", flat=True)[:1000])
    for upload_id in ids:
        _empty(upload_id, now)
    return len(ids)


@retried
@transaction.atomic
def _empty(upload_id: int, now: datetime) -> None:
    row = BulkUpload.objects.select_for_update(no_key=True).filter(pk=upload_id).exclude(state=WRITING)
    upload = row.defer("file_encrypted").first()
    if upload is None:
        return
    BulkChunk.objects.filter(upload=upload_id).delete()
    BulkRefusal.objects.filter(upload=upload_id).delete()
    state = EXPIRED if EXPIRED in BULK_MOVES[upload.state] else upload.state
    BulkUpload.objects.filter(pk=upload_id).update(state=state, file_encrypted=None, emptied_at=now)
