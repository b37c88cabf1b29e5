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
    known = {(entry.record_id, entry.field): entry for entry in SHOWN.rows(feed=feed.pk)}
    new = [_entry(feed, key, shown, now) for key, shown in words.items() if key not in known]
    changed = [
        entry
        for key, entry in known.items()
        if (_changed(entry, words[key], now) if key in words else _gone(entry, now))
    ]
    kept_for = timedelta(days=settings.CALENDAR_CANCELLED_DAYS)
    over = [key for key, entry in known.items() if key not in words and _is_over(entry, kept_for, now)]
    if new or changed or over:
        _write(new, changed, [known.pop(key).pk for key in over])
    entries = known | {(entry.record_id, entry.field): entry for entry in new}
    return [
        _day(entry, words.get(key)) for key, entry in sorted(entries.items(), key=lambda item: (item[1].day, item[0]))
    ]


@transaction.atomic
def _write(new: Sequence[CalendarEntry], changed: Sequence[CalendarEntry], over: Sequence[int]) -> None:
    """`over`: keys of the rows of days that are not shown any more."""
    if new:
        CalendarEntry.objects.bulk_create(new, ignore_conflicts=True)
    if changed:
        CalendarEntry.objects.bulk_update(changed, ["day", "words_digest", "sequence", "changed_at", "gone_at"])
    if over:
        CalendarEntry.objects.filter(pk__in=over).delete()


def _entry(feed: CalendarFeed, key: _Key, shown: _Words, now: datetime) -> CalendarEntry:
    record_id, field = key
    return CalendarEntry(
        feed=feed,
        record_id=record_id,
        field=field,
        day=shown.on,
        words_digest=shown.digest,
        sequence=sequence_at(now),
        changed_at=now,
    )


def _changed(entry: CalendarEntry, shown: _Words, now: datetime) -> bool:
    """Bring the entry to what is shown now. Returns whether that is something else, or whether it had been gone."""
    if (entry.day, bytes(entry.words_digest), entry.gone_at) == (shown.on, shown.digest, None):
        return False
    entry.day, entry.words_digest, entry.gone_at = shown.on, shown.digest, None
    _count(entry, now)
    return True


def _count(entry: CalendarEntry, now: datetime) -> None:
    """Note that something else is shown from now on."""
    entry.sequence, entry.changed_at = max(entry.sequence + 1, sequence_at(now)), now


def _gone(entry: CalendarEntry, now: datetime) -> bool:
    """Note of a day to come that it does not apply any more. Returns whether that is news."""
    if entry.gone_at is not None or entry.day < kst_date(now):
        return False
    _count(entry, now)
    entry.gone_at = now
    return True


def _is_over(entry: CalendarEntry, kept_for: timedelta, now: datetime) -> bool:
    """Return whether its day has passed while it applied, or it was cancelled for as long as that is shown."""
    return entry.day < kst_date(now) if entry.gone_at is None else now - entry.gone_at >= kept_for


def _day(entry: CalendarEntry, shown: _Words | None) -> CalendarDay:
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
SHOWN = KeptQuery(lambda feed: CalendarEntry.objects.filter(feed=feed).defer("feed"))  # all of one person


def _feed(token: str) -> CalendarFeed:
    feed: CalendarFeed | None = LIVE.first(token=_hashed(token)) if len(token) <= LONGEST_TOKEN else None
    if feed is None:
        raise NoSuchFeed
    return feed


def _hashed(token: str) -> bytes:
    return blind_index("calendar_feed", token)
