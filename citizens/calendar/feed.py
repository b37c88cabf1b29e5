"""Keep a person's calendar feed: its secret address, and what it has shown.

It shows what a locked phone may show: the kind and the name of the day; the hour in the description, and not of a kind
that is sensitive. An event names record and field, as a notice's calendar file does; what changes of it gets a later
SEQUENCE, and what does not apply any more is CANCELLED for CALENDAR_CANCELLED_DAYS, since a calendar may be read after
days only.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from citizens.calendar.days_ahead import MOST_IN_A_FEED, Ahead, days_ahead
from citizens.inbox.calendar_file import day_uid, day_words, sequence_at
from citizens.models import CalendarEntry, CalendarFeed
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.calendars import CalendarDay
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.korean.korean import Language
from secretary.kernel.language import as_language
from secretary.kernel.persons.blind_index import blind_index, keyed_digest
from secretary.kernel.time.clock import kst_date
from subscriptions.accounts.attempts import count
from subscriptions.models import Citizen

TOKEN_BYTES = 32  # 256 bits, 43 letters of an address
LONGEST_TOKEN = 100
READ_AT_EVERY = timedelta(hours=1)  # how exactly a page says when a calendar last read the feed
ACTOR = "citizen"
MOST_WORDS = 4096  # of kinds and of their days, which many people share; no person's

_Key = tuple[int, str]  # a record, and the field that has the day


class NoSuchFeed(LookupError):
    """No feed has this address, or not any more: the caller does not learn which."""


class Unreadable(Exception):
    """A record cannot be read at the moment. Its days would be cancelled for no reason."""


class _Words(NamedTuple):
    """What is shown of a day."""

    on: date
    summary: str
    description: str

    @property
    def digest(self) -> bytes:
        return _digest(self.summary, self.description)


class _Entry(NamedTuple):
    """What a CalendarEntry says. Of the hundreds that a feed has shown, hardly any changes."""

    id: int | None  # None: it is new
    record_id: int
    field: str
    day: date
    words_digest: bytes | memoryview
    sequence: int
    changed_at: datetime
    gone_at: datetime | None


@lru_cache(maxsize=MOST_WORDS)
def _digest(summary: str, description: str) -> bytes:
    return keyed_digest(f"{summary}\n{description}".encode())


@transaction.atomic
def make_address(*, citizen: Citizen, now: datetime) -> str:
    """Return the secret part of a new address, which is kept nowhere; an earlier one is void from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": _hashed(token), "made_at": now, "read_at": None}
    _feed, made = CalendarFeed.objects.update_or_create(citizen=citizen, defaults=values)
    action = "calendar address made" if made else "calendar address renewed"
    record_audit(now=now, actor=ACTOR, action=action, citizen_id=citizen.pk)
    return token


@transaction.atomic
def revoke_address(*, citizen: Citizen, now: datetime) -> bool:
    """Make the address void. Returns whether there was one."""
    revoked = CalendarFeed.objects.filter(citizen=citizen, token_hash__isnull=False).update(token_hash=None)
    if revoked:
        record_audit(now=now, actor=ACTOR, action="calendar address revoked", citizen_id=citizen.pk)
    return bool(revoked)


def is_address_of(feed: CalendarFeed, token: str) -> bool:
    """Return whether this is the secret part of the feed's address, which is valid."""
    return feed.token_hash is not None and bytes(feed.token_hash) == _hashed(token)


def read_feed(*, token: str, now: datetime) -> bytes:
    """Return the feed with this address, in its person's language. Raises NoSuchFeed, TooMany, Unreadable."""
    from secretary.kernel.calendar_files import feed_of

    feed = _feed(token)
    count({"calendar_read": str(feed.pk)}, now=now)
    if feed.read_at is None or now - feed.read_at >= READ_AT_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    language = as_language(feed.citizen.language)
    with translation.override(language):
        year = days_ahead(citizen=feed.citizen, language=language, now=now, most=MOST_IN_A_FEED, in_calendar=True)
        if not year.is_whole:
            raise Unreadable
        words = {(each.record_id, each.day.name): _words(each, language) for each in year.days}
        days = _kept(feed, words, now=now)
        again_after = timedelta(hours=settings.CALENDAR_REFRESH_HOURS)
        return feed_of(days, of="year ahead", name=_("Public Secretary"), again_after=again_after)


def _words(each: Ahead, language: Language) -> _Words:
    return _Words(each.day.on, *day_words(each.title, each.day, is_private=each.is_private, language=language))


def _kept(feed: CalendarFeed, words: Mapping[_Key, _Words], *, now: datetime) -> list[CalendarDay]:
    """Return all days of the feed, and keep what it shows of them now. Two readers at once write the same."""
    known = {(entry.record_id, entry.field): entry for entry in map(_Entry._make, SHOWN.rows(feed=feed.pk))}
    new = {key: _entry(key, shown, now) for key, shown in words.items() if key not in known}
    entries = {key: _brought(entry, words.get(key), now) for key, entry in known.items()}
    changed = [entry for key, entry in entries.items() if entry is not known[key]]
    kept_for = timedelta(days=settings.CALENDAR_CANCELLED_DAYS)
    over = [key for key, entry in entries.items() if key not in words and _is_over(entry, kept_for, now)]
    if new or changed or over:
        _write(feed, list(new.values()), changed, [entries.pop(key).id for key in over])
    entries |= new
    return [
        _day(entry, words.get(key)) for key, entry in sorted(entries.items(), key=lambda item: (item[1].day, item[0]))
    ]


@transaction.atomic
def _write(feed: CalendarFeed, new: Sequence[_Entry], changed: Sequence[_Entry], over: Sequence[int | None]) -> None:
    """`over`: keys of the rows of days that are not shown any more."""
    if new:
        rows = [CalendarEntry(feed=feed, **entry._asdict()) for entry in new]
        CalendarEntry.objects.bulk_create(rows, ignore_conflicts=True)
    if changed:
        rows = [CalendarEntry(feed=feed, **entry._asdict()) for entry in changed]
        CalendarEntry.objects.bulk_update(rows, ["day", "words_digest", "sequence", "changed_at", "gone_at"])
    if over:
        CalendarEntry.objects.filter(pk__in=[number for number in over if number is not None]).delete()


def _entry(key: _Key, shown: _Words, now: datetime) -> _Entry:
    return _Entry(None, *key, shown.on, shown.digest, sequence_at(now), now, None)


def _brought(entry: _Entry, shown: _Words | None, now: datetime) -> _Entry:
    """Bring the entry to what is shown of its day now; return the same one where that is no news. None: its day does
    not apply any more, or is over."""
    if shown is not None:
        if (entry.day, bytes(entry.words_digest), entry.gone_at) == (shown.on, shown.digest, None):
            return entry
        return _counted(entry, now)._replace(day=shown.on, words_digest=shown.digest, gone_at=None)
    if entry.gone_at is not None or entry.day < kst_date(now):
        return entry
    return _counted(entry, now)._replace(gone_at=now)


def _counted(entry: _Entry, now: datetime) -> _Entry:
    """Note that something else is shown from now on."""
    return entry._replace(sequence=max(entry.sequence + 1, sequence_at(now)), changed_at=now)


def _is_over(entry: _Entry, kept_for: timedelta, now: datetime) -> bool:
    """Return whether its day has passed while it applied, or it was cancelled for as long as that is shown."""
    return entry.day < kst_date(now) if entry.gone_at is None else now - entry.gone_at >= kept_for


def _day(entry: _Entry, shown: _Words | None) -> CalendarDay:
    uid = day_uid(entry.record_id, entry.field)
    if shown is None:
        words = _("Public Secretary: this day does not apply any more")
        return CalendarDay(uid, entry.day, words, entry.sequence, entry.changed_at, cancelled=True)
    return CalendarDay(uid, shown.on, shown.summary, entry.sequence, entry.changed_at, shown.description)


LIVE = KeptQuery(
    lambda token: (
        CalendarFeed.objects.select_related("citizen")
        .filter(citizen__state=Citizen.ACTIVE, token_hash=token)
        .order_by("pk")[:1]
    )
)
SHOWN = KeptQuery(lambda feed: CalendarEntry.objects.filter(feed=feed).values_list(*_Entry._fields))


def _feed(token: str) -> CalendarFeed:
    feed: CalendarFeed | None = LIVE.first(token=_hashed(token)) if len(token) <= LONGEST_TOKEN else None
    if feed is None:
        raise NoSuchFeed
    return feed


def _hashed(token: str) -> bytes:
    return blind_index("calendar_feed", token)
