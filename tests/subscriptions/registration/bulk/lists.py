"""Make lists of seniors as offices have them, upload them and run their steps as workers would."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from subscriptions.models import BulkRefusal, BulkUpload, Official
from subscriptions.models.bulk import EXPIRED
from subscriptions.registration.bulk.check_list import check_list
from subscriptions.registration.bulk.uploads import confirm, take_in
from subscriptions.registration.bulk.write_list import write_list
from tests.subscriptions.cast import NOW, official

HEADER = (
    "신청서 번호",
    "이름",
    "생년월일",
    "휴대전화",
    "알림 받는 방법",
    "국민비서 이용 동의",
    "vaccination 알림 동의",
)
OLD_WOMAN = ("B-1", "김어르신", "19480509", "010-0000-1001", "", "예", "예")
OLD_MAN = ("B-2", "이어르신", "1950-03-02", "010-0000-1002", "카카오톡", "예", "예")


def listed(*rows: Sequence[str], header: Sequence[str] = HEADER, encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def row(number: int, **changes: str) -> tuple[str, ...]:
    """A valid row of an invented person. `changes`: heading → value."""
    values = dict(
        zip(HEADER, (f"B-{number}", name_of(number), "19480509", f"010-0000-{number:04d}", "", "예", "예"), strict=True)
    )
    return tuple((values | changes).values())


def name_of(number: int) -> str:
    """Another name for each number below 10,000: three syllables."""
    return "어르" + chr(ord("가") + number)


def checked(by: Official, content: bytes, *, now: datetime = NOW) -> BulkUpload:
    upload = take_in(official=by, content=content, now=now)
    check_list(upload_id=upload.pk, now=now)
    return BulkUpload.objects.get(pk=upload.pk)


def registered(by: Official, content: bytes, *, now: datetime = NOW) -> BulkUpload:
    upload = checked(by, content, now=now)
    if confirm(official=by, upload_id=upload.pk, now=now):
        write_list(upload_id=upload.pk, now=now)
    return BulkUpload.objects.get(pk=upload.pk)


def faults(upload: BulkUpload) -> dict[int, list[tuple[str, str]]]:
    rows = BulkRefusal.objects.filter(upload=upload).order_by("row")
    return {each.row: [(column, code) for column, code in each.faults] for each in rows}


def an_emptied_list(at: datetime) -> BulkUpload:
    """One whose content was removed three days after it was uploaded."""
    by, end = Official.objects.first() or official(), at + timedelta(days=3)
    return BulkUpload.objects.create(official=by, uploaded_at=at, expires_at=end, emptied_at=end, state=EXPIRED)
