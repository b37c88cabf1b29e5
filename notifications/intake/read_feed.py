"""Read one feed from its cursor: pages from its connector, each ingested with the cursor behind it."""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import copy_context
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from notifications.alarms import raise_alarm
from notifications.intake.ingest import BatchRefused, Checked, Counts, check_page, ingest_page
from notifications.intake.parsing.schema import LIVE, Schema, live_schemas, schemas_of
from notifications.intake.serials import SERIALS
from notifications.intake.version_look import VersionLook
from notifications.models import Feed, FeedRun, RefusedLine
from notifications.models.declared_holiday import STANDING, take_declared_holidays
from notifications.sources import registry
from notifications.sources.contract import Connector, Page, SourceRefused, SourceUnavailable
from notifications.sources.host_key import HostKey, host_of
from secretary.kernel.database.kept_queries import KeptText, Together
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time.working_days import declared

SIGN_OF_LIFE = timedelta(minutes=2)  # a page takes seconds, so a run without progress for so long has died

TURN_SECONDS = 0.001  # a thread's turn while another one waits
ONLY_THE_BEGINNING = "the time was over: only the beginning was read"  # of a dry run, which nothing continues

Progress = Callable[[Counts, int | None], None]
_Ready = tuple[Page, Mapping[str, Schema], Checked | None]  # a page, the schemas it is checked with, and the result


class FeedBusy(Exception):
    """Another process is reading this feed at this moment."""


def connector_for(feed: Feed) -> Connector:
    """Return the connector of a pull or file-drop feed. The installation's settings, not the feed's, decide what it can
    reach."""
    takes_pages = any(option.name == "page_lines" for option in registry.options(feed.kind))
    usual = {"page_lines": settings.INGEST_BATCH} if takes_pages else {}
    return registry.build(
        feed.kind,
        {**usual, **feed.settings},
        feed_secrets(),
        drop_root=settings.FILE_DROP_ROOT,
        allow_private=settings.ALLOW_PRIVATE_ADDRESSES,
    )


def read_feed(
    *,
    feed_id: int,
    now: datetime,
    dry_run: bool = False,
    replay: bool = False,
    progress: Progress | None = None,
    until: Callable[[], bool] = lambda: False,
) -> FeedRun:
    """Read everything that is new, page by page, or until `until` returns true: the next run continues from there.

    `dry_run`: count what would be new, changed and refused, and write nothing. `replay`: read from the beginning, not
    from the cursor; known records change nothing.
    Raises FeedBusy. Errors of the source are in the run's state and message.
    """
    feed = Feed.objects.select_related("agency").get(pk=feed_id)
    run = begin_run(feed=feed, now=now, dry_run=dry_run, replay=replay)
    if replay and not dry_run:
        Feed.objects.filter(pk=feed.pk).update(cursor={}, cursor_at=now)
    feed.refresh_from_db(fields=["cursor"])  # another run may have ended just before this one began
    total, look = Counts(), VersionLook(feed.agency_id) if dry_run else None
    with settled(run=run, now=now, total=total):
        for page, schemas, checked in _pages(run, {} if replay else feed.cursor, now):
            run.expected = page.total if page.total is not None else run.expected
            where: dict[str, Any] = {"next_cursor": page.next_cursor, "place": page.place, "checked": checked}
            counts = ingest_page(run=run, lines=page.lines, schemas=schemas, now=now, look=look, **where)
            total.add(counts)
            if counts.new or counts.changed:
                enqueue("match")  # after every page: citizens do not wait for the end of a long file
            if progress is not None:
                progress(total, page.total)
            if until():
                run.message = ONLY_THE_BEGINNING if dry_run else ""
                break
            run.advice = look.advice if look is not None else ""
    return run


class _Rules(NamedTuple):
    """The schemas and patterns that lines are checked with, read at one moment."""

    schemas: Mapping[str, Schema]
    holidays: frozenset[date]
    serials: tuple[str, ...]


_RULES = Together(live=LIVE, holidays=KeptText(STANDING), serials=SERIALS)  # read at each page


def _pages(run: FeedRun, cursor: Mapping[str, Any], now: datetime) -> Generator[_Ready]:
    """Yield the pages of a feed with the current schemas. Pages that could be read ahead are checked already."""
    connector = connector_for(run.feed)
    pages = connector.pages(cursor)
    if getattr(connector, "reads_ahead", False) and not run.dry_run:
        with closing(_read_ahead(pages, run, now)) as ready:
            yield from ready
    else:
        for page in pages:
            yield page, live_schemas(), None


def _read_ahead(pages: Iterator[Page], run: FeedRun, now: datetime) -> Generator[_Ready]:
    """Yield pages. While one is written, a thread reads and checks the next one without the database. It is checked
    again if the schemas or patterns have changed meanwhile."""

    def check(page: Page, rules: _Rules) -> Checked:
        where: dict[str, Any] = {"run": run, "now": now, "place": page.place}
        return check_page(lines=page.lines, schemas=rules.schemas, serials=rules.serials, **where)

    def read(by: _Rules) -> tuple[Page, Checked, _Rules] | None:
        page = next(pages, None)
        return None if page is None else (page, check(page, by), by)

    with _quick_turns(), ThreadPoolExecutor(1, thread_name_prefix="reader") as thread:
        coming = thread.submit(copy_context().run, read, _rules_of(run.feed))
        while (found := coming.result()) is not None:
            page, checked, by = found
            rules = _rules_of(run.feed)
            coming = thread.submit(copy_context().run, read, rules)
            yield page, rules.schemas, checked if rules == by else check(page, rules)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Shorten the interpreter's switch interval from five milliseconds to one: while the other thread computes, the
    writing thread waits that long after each of a page's dozen statements."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _rules_of(feed: Feed) -> _Rules:
    found = _RULES.rows(feed=feed.pk)
    take_declared_holidays(day for (day,) in found["holidays"])
    return _Rules(schemas_of(found["live"]), declared(), tuple(pattern for (pattern,) in found["serials"]))


def begin_run(*, feed: Feed, now: datetime, dry_run: bool = False, replay: bool = False) -> FeedRun:
    """Begin a run; one at a time per feed. A run that died is closed, and its pages are read again. Raises FeedBusy."""
    stale = FeedRun.objects.filter(feed=feed, state=FeedRun.RUNNING, alive_at__lt=Now() - SIGN_OF_LIFE)
    stale.update(state=FeedRun.FAILED, finished_at=now, message="no heartbeat; restarted from its cursor")
    try:
        with transaction.atomic():
            return FeedRun.objects.create(feed=feed, started_at=now, dry_run=dry_run, replay=replay)
    except IntegrityError as error:
        raise FeedBusy(feed.name) from error


@contextmanager
def settled(*, run: FeedRun, now: datetime, total: Counts) -> Iterator[None]:
    """Close the run in the state that fits the result; counts are written to the run object too."""
    state, message = FeedRun.FAILED, "stopped by an internal error; see the log"
    try:
        yield
        state, message = FeedRun.FINISHED, run.message
    except (SourceRefused, SourceUnavailable) as error:
        state = FeedRun.REFUSED if isinstance(error, SourceRefused) else FeedRun.FAILED
        message = f"{error.code}: {error.detail}"
    except BatchRefused as error:
        state, message = FeedRun.REFUSED, f"batch refused as a whole: {error}"
        total.add(error.counts)
        RefusedLine.objects.bulk_create(error.counts.refusals)
    finally:
        run.state, run.message, run.finished_at = state, message[:300], now
        for name, number in total.as_dict().items():
            setattr(run, name, number)
        run.save()
        if state != FeedRun.FINISHED and not run.dry_run:
            raise_alarm(kind="feed", subject=run.feed.name, message=f"{state}: {message}", now=now)


def feed_secrets() -> Mapping[str, HostKey]:
    """Return the secrets of connectors by name: `service_key`. Raises BadSetting (DATA_GO_KR_BASE_URL)."""
    hosts = {host.lower() for host in settings.DATA_GO_KR_HOSTS}
    base_url = settings.ADAPTER_CONFIG.get("DATA_GO_KR_BASE_URL", "")
    if base_url:
        hosts.add(host_of(base_url))
    return {"service_key": HostKey(settings.ADAPTER_CONFIG.get("DATA_GO_KR_SERVICE_KEY", ""), frozenset(hosts))}
