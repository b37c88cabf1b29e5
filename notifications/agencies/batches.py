"""Find the batches of one agency, their refused lines, its keys. The only place where rows are bound to an agency."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from notifications.models import AgencyKey, FeedRun, PushMessage, RefusedLine
from notifications.models.feed_run import IS_BATCH
from secretary.kernel.http.standard_webhooks import is_message_id
from subscriptions.models import Agency

AT_ONCE = 1000


def batches_of(agency: Agency, *, before: int | None = None, size: int) -> tuple[list[FeedRun], int | None]:
    """Return the agency's newest batches with a smaller number than `before`, and the key of the next page.

    One bounded read of an index for each of its feeds, however many batches there are.
    """
    feeds = list(agency.feeds.values_list("pk", flat=True))
    older = Q(pk__lt=before) if before is not None else Q()
    found: list[FeedRun] = []
    for feed in feeds:
        rows = FeedRun.objects.filter(IS_BATCH, older, feed=feed).select_related("feed")
        found += rows.order_by("feed", "-pk")[: size + 1]
    found.sort(key=lambda run: -run.pk)
    return found[:size], found[size - 1].pk if len(found) > size else None


def batch_of(agency: Agency, number: int) -> FeedRun | None:
    """Return a batch of the agency; None where there is none, or it is another agency's."""
    return FeedRun.objects.filter(IS_BATCH, pk=number, feed__agency=agency).select_related("feed").first()


def batch_of_message(agency: Agency, message_id: str) -> FeedRun | None:
    """Return the batch that a push with this webhook-id brought."""
    if not is_message_id(message_id):  # it may have a NUL, which no statement can hold
        return None
    pushes = PushMessage.objects.filter(feed__agency=agency, message_id=message_id)
    number = pushes.order_by("-pk").values_list("run", flat=True).first()
    return batch_of(agency, number) if number is not None else None


def message_ids(runs: list[FeedRun]) -> dict[int, str]:
    """Return the webhook-id of each run that a push brought, while ids are kept."""
    pushes = PushMessage.objects.filter(
        feed__in={run.feed_id for run in runs},
        run__in=[run.pk for run in runs],
    )
    return dict(pushes.values_list("run", "message_id"))


def refused_lines(run: FeedRun, *, after: int = 0, size: int) -> tuple[list[RefusedLine], int | None]:
    """Return refused lines in their order, and the key of the next page; None: the last one."""
    found = list(RefusedLine.objects.filter(run=run, pk__gt=after).order_by("pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def every_refused_line(run: FeedRun) -> Iterator[RefusedLine]:
    after: int | None = 0
    while after is not None:
        found, after = refused_lines(run, after=after, size=AT_ONCE)
        yield from found


def keys_of(agency: Agency) -> QuerySet[Any]:
    """Return the agency's keys, the newest first."""
    return AgencyKey.objects.filter(feed__agency=agency).select_related("feed").order_by("-created_at", "-pk")
