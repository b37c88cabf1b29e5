from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

RUN_STATES = {
    "running": _("running"),
    "finished": _("finished"),
    "refused": _("refused"),
    "failed": _("failed"),
}

# A dry run's advice about the feed's setting "versions".
VERSION_ADVICE = {
    "numbered": _("The versions increase: “numbered” fits this file."),
    "none": _("No line has a version: set versions to “none”, or every correction would be refused."),
    "clash": _("The same version comes with different content: set versions to “none”, or corrections are refused."),
    "unclear": _("Every line has the same version. If corrections keep it, set versions to “none”: ask the agency."),
}


IS_BATCH = Q(dry_run=False) & (Q(read__gt=0) | Q(state__in=["refused", "failed"]))


class FeedRun(models.Model):
    """One reading of a feed: counts of received, new and refused lines, and the reason of a failure."""

    RUNNING, FINISHED, REFUSED, FAILED = "running", "finished", "refused", "failed"

    feed = models.ForeignKey("Feed", models.CASCADE, related_name="runs", verbose_name=_("feed"))
    state = models.CharField(_("state"), max_length=10, default=RUNNING)
    dry_run = models.BooleanField(_("dry run"), default=False)
    replay = models.BooleanField(_("from the beginning"), default=False, db_default=False)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    alive_at = models.DateTimeField(_("last heartbeat"), db_default=Now())
    expected = models.IntegerField(_("expected lines"), null=True, blank=True)  # by the source's own count
    read = models.PositiveIntegerField(_("read"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    duplicate = models.PositiveIntegerField(_("duplicate"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    message = models.CharField(_("message"), max_length=300, blank=True, default="")
    # Of a dry run: a code of VERSION_ADVICE, "" without any line.
    advice = models.CharField(_("versions"), max_length=20, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("feed run"), _("feed runs")
        indexes = [
            models.Index(fields=["feed", "-started_at"], name="feed_run_latest"),
            # Those that an agency sees as its batches: most readings of an agency's API find nothing new.
            models.Index(fields=["feed", "-id"], condition=IS_BATCH, name="feed_run_batches"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "finished", "refused", "failed"]), name="feed_run_state"
            ),
            models.UniqueConstraint(
                fields=["feed"], condition=models.Q(state="running", dry_run=False), name="feed_run_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.started_at:%Y-%m-%d %H:%M}"


class RefusedLine(models.Model):
    """A line that was not ingested, with its number and the reason. Holds no personal data: of the value only how it is
    written (notifications/intake/masked.py).

    `link_removed`: ingested, without the link that a value had (docs/adr/0030-links-in-values.md).
    """

    run = models.ForeignKey(FeedRun, models.CASCADE, related_name="refused_lines", verbose_name=_("run"))
    place = models.CharField(_("page or file"), max_length=120, blank=True, default="")
    line = models.PositiveIntegerField(_("line"))
    external_id = models.CharField(_("the agency's number"), max_length=64, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=40)
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")
    value = models.CharField(_("value, masked"), max_length=60, blank=True, default="", db_default="")

    class Meta:
        ordering = ["run", "id"]
        verbose_name, verbose_name_plural = _("refused line"), _("refused lines")

    def __str__(self) -> str:
        return str(_("line %d") % self.line)


class IngestBatch(models.Model):
    """Records that were committed together, and whether they have been matched.

    Matching processes whole batches instead of a watermark on a sequence: a watermark loses rows that commit late.
    """

    run = models.ForeignKey(FeedRun, models.CASCADE, related_name="batches", verbose_name=_("run"))
    created_at = models.DateTimeField(_("created"))
    records = models.PositiveIntegerField(_("records"), default=0)
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    # Some of them were about other people before: matching notifies these (notify_former.py).
    moved = models.BooleanField(_("about other people than before"), default=False, db_default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("ingest batch"), _("ingest batches")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(matched_at__isnull=True), name="ingest_batch_unmatched"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BatchFigures(models.Model):
    """What became of the records of a run, as of a moment: counted when the agency asks, and kept for a minute.

    A record counts in the run that brought its newest version (docs/adr/0051).
    """

    run = models.OneToOneField(FeedRun, models.CASCADE, related_name="figures", verbose_name=_("run"))
    counted_at = models.DateTimeField(_("counted"))
    records = models.IntegerField(_("records"))
    people = models.IntegerField(_("people"))
    notified = models.IntegerField(_("notified"))
    delivered = models.IntegerField(_("delivered"))
    under_way = models.IntegerField(_("on the way"))
    failed = models.IntegerField(_("failed"))
    not_sent = models.IntegerField(_("not sent"))
    paid = models.IntegerField(_("paid here"))

    class Meta:
        verbose_name, verbose_name_plural = _("figures of a batch"), _("figures of batches")

    def __str__(self) -> str:
        return f"{self.run_id}"
