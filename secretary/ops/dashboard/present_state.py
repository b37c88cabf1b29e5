"""Draw how things stand now: the queue, the feeds, the breakers, whom no channel reaches, the yearly message."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from notifications.admin.code_words import YEARLY_STATES
from notifications.models import YearlyRun
from notifications.operations.watch_reach import COUNTED, unreached_people
from secretary.kernel.templatetags.instants import instant
from secretary.ops.dashboard.durations import in_words
from secretary.ops.dashboard.panels import Cell, Panel, listed
from secretary.ops.dashboard.plots import Bar, draw_bars
from secretary.ops.overview import ChannelLine, channel_lines, feed_lines

# Off an index, in its order, and no further than COUNTED: the first is the oldest.
WAITING = """
SELECT count(*), min(not_before) FROM (
    SELECT not_before FROM {table} WHERE {which} AND not_before <= %(now)s ORDER BY not_before LIMIT %(most)s
) AS waiting
"""
DUE, BUNDLES = "notifications_due", "notifications_bundleentry"
QUEUES = " UNION ALL ".join(
    f"({WAITING.format(table=table, which=which)})"
    for table, which in (
        (DUE, "urgent AND crashes = 0"),
        (DUE, "NOT urgent AND crashes = 0"),
        (DUE, "crashes > 0"),
        (BUNDLES, "TRUE"),
    )
)


def queue_panel(now: datetime) -> Panel:
    with connection.cursor() as cursor:
        cursor.execute(QUEUES, {"now": now, "most": COUNTED})
        found = cursor.fetchall()
    entries, bundles = listed("notifications_queueentry"), listed("notifications_bundleentry")
    names = (
        (_("urgent"), entries),
        (_("not urgent"), entries),
        (_("after a worker was lost"), entries),
        (_("in bundled messages"), bundles),
    )
    bars, rows = [], []
    for (name, url), (depth, oldest) in zip(names, found, strict=True):
        age = in_words((now - oldest).total_seconds() if oldest else None)
        bars.append(Bar(name, depth, _at_most(depth)))
        rows.append([Cell(name), Cell(_at_most(depth), url, is_number=True), Cell(age, is_number=True)])
    title = _("Notices that are due and wait")
    return Panel(
        name="queue",
        title=title,
        plot=draw_bars("queue", title, bars),
        columns=[_("Queue"), _("Notices"), _("The oldest waits for")],
        rows=rows,
    )


def feed_panel(now: datetime) -> Panel:
    bars, rows = [], []
    for line in feed_lines(now):
        age = (now - line.run.started_at).total_seconds() if line.run else None
        state = _("off") if not line.feed.enabled else _("late") if line.late else str(line.state) or _("never read")
        if age is not None:
            bars.append(Bar(f"{line.feed.name} ({state})", age, in_words(age), hatched=line.late))
        runs = listed("notifications_feedrun", feed__id__exact=str(line.feed.pk))
        rows.append([Cell(line.feed.name, runs), Cell(state), Cell(in_words(age), is_number=True)])
    title = _("Since each feed was read")
    return Panel(
        name="feeds",
        title=title,
        note=_("Hatched: late. Feeds that agencies push have no schedule."),
        plot=draw_bars("feeds", title, bars),
        columns=[_("Feed"), _("State"), _("Age")],
        rows=rows,
        empty=_("No feed yet"),
    )


def channel_panel(now: datetime) -> Panel:
    bars, rows = [], []
    for line in channel_lines(now):
        rate, state = _failure_rate(line), line.words
        shown = "–" if rate is None else f"{rate:.1f} %"
        if rate is not None or line.paused:
            bars.append(Bar(f"{line.name} ({state})", rate or 0, shown, hatched=line.paused))
        rows.append(
            [Cell(str(line.name), listed("notifications_channelstate")), Cell(state), Cell(shown, is_number=True)]
        )
    title = _("Failure rate of each channel, and its breaker")
    return Panel(
        name="channels",
        title=title,
        note=_("Of about the last messages that were sent. Hatched: paused."),
        plot=draw_bars("channels", title, bars, whole=100),
        columns=[_("Channel"), _("State"), _("failure rate")],
        rows=rows,
    )


def unreached_panel() -> Panel:
    people, by_office, without_way = unreached_people()
    url = listed("subscriptions_unreached")
    named = (
        (_("all"), people),
        (_("registered by an office"), by_office),
        (_("without a usable channel"), without_way),
    )
    bars = [Bar(name, count, _at_most(count)) for name, count in named]
    title = _("People whom no channel reaches")
    return Panel(
        name="unreached",
        title=title,
        plot=draw_bars("unreached", title, bars if people else []),
        columns=[_("Who"), _("People")],
        rows=[[Cell(name), Cell(_at_most(count), url, is_number=True)] for name, count in named] if people else [],
        empty=_("No person is unreached."),
    )


def yearly_panel() -> Panel:
    """Draw what came of the newest yearly message, as counted last: a page counts no rows of millions."""
    run = YearlyRun.objects.first()
    title = _("The yearly message of %(year)s") % {"year": run.year if run else "–"}
    counts = run.counts if run else {}
    named = [(str(words), counts[state], state) for state, words in YEARLY_STATES.items() if counts.get(state)]
    note = ""
    if run and run.counted_at:
        listed_words = _("everyone is listed") if run.listed_at else _("people are still being listed")
        note = _("Counted at %(time)s; %(listed)s.") % {"time": instant(run.counted_at), "listed": listed_words}
    return Panel(
        name="yearly",
        title=title,
        note=note,
        plot=draw_bars("yearly", title, [Bar(words, count, f"{count:,}") for words, count, _state in named]),
        columns=[_("State"), _("People")],
        rows=[
            [Cell(words, listed("notifications_yearlymessage", state=state)), Cell(f"{count:,}", is_number=True)]
            for words, count, state in named
        ],
        empty=_("None has begun yet."),
    )


def _at_most(count: int) -> str:
    return _("%(count)s or more") % {"count": f"{count:,}"} if count >= COUNTED else f"{count:,}"


def _failure_rate(line: ChannelLine) -> float | None:
    if line.state is None or line.state.handed < 1:
        return None
    return 100 * line.state.troubled / line.state.handed
