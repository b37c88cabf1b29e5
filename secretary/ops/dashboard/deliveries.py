"""Draw what became of deliveries: arrived, how fast, and why not. Read from the counts by the hour in one statement."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from notifications.models import DeliveryHour
from notifications.states import DELIVERED, FAILED, RETURNED
from secretary.kernel.backoffice.periods import since
from secretary.ops.dashboard.durations import ERROR_PERCENT, in_words, percentile
from secretary.ops.dashboard.panels import Cell, Panel, listed, number
from secretary.ops.dashboard.plots import Bar, draw_bars
from subscriptions.models.channel_choice import CHANNELS

MOST_REASONS = 12
LIST = "notifications_delivery"


@dataclass(slots=True)
class Ended:
    """What a period's deliveries came to, by channel."""

    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    durations: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def channels(self) -> list[str]:
        return [code for code in CHANNELS if code in self.states]


def ended_since(since: datetime) -> Ended:
    found = Ended()
    rows = DeliveryHour.objects.filter(hour__gte=since).order_by()
    for channel, state, code, step, count in rows.values_list("channel", "state", "code", "duration").annotate(
        Sum("count")
    ):
        if count <= 0:
            continue  # it was corrected by a later report
        found.states[channel][state] += count
        if state == DELIVERED:
            found.durations[channel][step] += count
        else:
            found.reasons[channel, code, state] += count
    return found


def delivery_panels(period: str, now: datetime) -> list[Panel]:
    """Return the panels of a period; each figure leads to the deliveries that it counts."""
    ended = ended_since(since(period, now))
    return [_shares(ended, period), _durations(ended, period), _reasons(ended, period)]


def _shares(ended: Ended, period: str) -> Panel:
    bars, rows = [], []
    for channel in ended.channels:
        states, name = ended.states[channel], str(CHANNELS[channel])
        share = 100 * states[DELIVERED] / sum(states.values())
        bars.append(Bar(name, share, f"{share:.1f} %"))
        row = [Cell(name, listed(LIST, channel=channel, period=period)), Cell(f"{share:.1f} %", is_number=True)]
        row += [
            number(states[s], listed(LIST, channel=channel, state=s, period=period))
            for s in (DELIVERED, FAILED, RETURNED)
        ]
        rows.append(row)
    title = _("Delivered, of what has ended")
    return Panel(
        name="delivered",
        title=title,
        note=_("Each attempt counts, in the hour in which it began; what is still on its way does not count yet."),
        plot=draw_bars("delivered", title, bars, whole=100),
        columns=[_("Channel"), _("Share"), _("delivered"), _("failed"), _("returned by the gateway")],
        rows=rows,
        empty=_("Nothing has ended in this period."),
    )


def _durations(ended: Ended, period: str) -> Panel:
    bars, rows = [], []
    for channel in ended.channels:
        name, counts = str(CHANNELS[channel]), ended.durations[channel]
        row = [Cell(name, listed("notifications_deliveryhour", channel=channel, state=DELIVERED, period=period))]
        for percent in (50, 95):
            seconds = percentile(counts, percent)
            if seconds is not None:
                bars.append(Bar(f"{name} · {percent} %", seconds, in_words(seconds), hatched=percent == 95))
            row.append(Cell(in_words(seconds), is_number=True))
        rows.append([*row, number(sum(counts.values()))])
    title = _("Time until it was delivered")
    return Panel(
        name="durations",
        title=title,
        note=_(
            "From the hand-over to the gateway until its report; half of the messages and 95 of 100 took no longer. "
            "Correct within %(percent)s %%, from one second on."
        )
        % {"percent": ERROR_PERCENT},
        plot=draw_bars("durations", title, bars),
        columns=[_("Channel"), "50 %", "95 %", _("delivered")],
        rows=rows,
        empty=_("Nothing was delivered in this period."),
    )


def _reasons(ended: Ended, period: str) -> Panel:
    bars, rows = [], []
    states = {FAILED: _("failed"), RETURNED: _("returned by the gateway")}
    most = ended.reasons.most_common()
    for (channel, code, state), count in most[:MOST_REASONS]:
        name = str(CHANNELS.get(channel, channel))
        bars.append(Bar(f"{name} · {code}", count, f"{count:,}", hatched=state == RETURNED))
        those = listed(LIST, channel=channel, state=state, code=code, period=period)
        rows.append([Cell(name), Cell(code), Cell(states[state]), number(count, those)])
    if others := sum(count for _reason, count in most[MOST_REASONS:]):
        rows.append(
            [Cell(_("others")), Cell(""), Cell(""), number(others, listed("notifications_deliveryhour", period=period))]
        )
    title = _("Not delivered, by reason")
    return Panel(
        name="reasons",
        title=title,
        note=_("The gateway's own codes. Hatched: returned, and tried again or on the next channel."),
        plot=draw_bars("reasons", title, bars),
        columns=[_("Channel"), _("Gateway code"), _("State"), _("Attempts")],
        rows=rows,
        empty=_("Nothing failed in this period."),
    )
