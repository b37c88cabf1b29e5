"""Read durations off their logarithmic steps (notifications/models/delivery_hour.py), and write them in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from notifications.models.delivery_hour import STEPS_PER_DOUBLING

# The middle of a step, for each delivery in it: at most a fourth root of two away from the truth, 19 percent.
ERROR_PERCENT = round((2 ** (1 / (2 * STEPS_PER_DOUBLING)) - 1) * 100)


def percentile(counts: Mapping[int, int], percent: int) -> float | None:
    """Return the seconds within which so many percent were delivered; None without any. Off by ERROR_PERCENT at most,
    from one second on."""
    total = sum(counts.values())
    if total <= 0:
        return None
    so_far = 0
    for step in sorted(counts):
        so_far += counts[step]
        if so_far * 100 >= total * percent:
            break
    return float(2 ** ((step + 0.5) / STEPS_PER_DOUBLING))


def in_words(seconds: float | None) -> str:
    """Return a duration or an age, in its greatest unit."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return _("%(number)s s") % {"number": f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"}
    if seconds < 3600:
        return _("%(number)s min") % {"number": f"{seconds / 60:.0f}"}
    if seconds < 48 * 3600:
        return _("%(number)s h") % {"number": f"{seconds / 3600:.1f}"}
    return _("%(number)s days") % {"number": f"{seconds / 86400:.0f}"}
