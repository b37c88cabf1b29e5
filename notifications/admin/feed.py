"""Show feeds and their last runs, and read one now, for real or as a dry run."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin.code_words import FEED_KINDS
from notifications.intake.read_feed import feed_secrets
from notifications.models import Feed, FeedRun
from notifications.models.feed_run import RUN_STATES, VERSION_ADVICE
from notifications.operations.strangers import KINDS, people_met
from notifications.sources import registry
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice import actor_of, choice_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.enqueue import enqueue
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now

TRIED = gettext_lazy(
    "All that the source still has is read once more and compared with what is stored; nothing is written. The run's "
    "page shows how far it is, and what would be new, changed or refused."
)
REPLAYED = gettext_lazy(
    "Look at the counts of the dry replay first. All that the source still has is taken in again: what is known "
    "changes nothing and is not sent again; what is new or changed is, and its people are notified."
)


class FeedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validate a feed: refuse an unknown connector, and settings that the connector cannot use."""

    class Meta:
        model = Feed
        fields = [
            "name",
            "agency",
            "kind",
            "settings",
            "versions",
            "id_digits",
            "all_or_nothing",
            "enabled",
            "every_minutes",
        ]
        help_texts = {
            "kind": "",
            "settings": gettext_lazy(
                'of the connector, as JSON: of a file drop <code>{"folder": "a-folder"}</code>. An unknown name is '
                "answered with the known ones; secrets come from the environment"
            ),
        }
        widgets = {"kind": forms.Select(choices=[("", "–"), *FEED_KINDS.items()])}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind, settings = cleaned.get("kind"), cleaned.get("settings")
        if not kind or kind == Feed.PUSH:
            return cleaned
        if not isinstance(settings, dict):
            self.add_error("settings", _('Enter an object: {"url": "…"}'))
            return cleaned
        try:
            registry.check(kind, settings, feed_secrets())
        except registry.ForeignHost as foreign:
            self.add_error("settings", _foreign(foreign))
        except registry.BadSetting as bad:
            self.add_error("kind" if kind not in registry.kinds() else "settings", str(bad))
        return cleaned


@admin.register(Feed)
class FeedAdmin(StepsAdmin):
    form = FeedForm
    list_display = ["name", "agency", "kind", "enabled", "every_minutes", "last_run", "last_counts"]
    value_words = {"kind": FEED_KINDS}
    list_filter = ["enabled", choice_filter("kind", gettext_lazy("connector"), FEED_KINDS), "agency"]
    list_select_related = ["agency"]
    search_fields = ["name"]
    readonly_fields = ["cursor", "cursor_at"]
    change_form_template = "admin/secretary/feed_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        latest = FeedRun.objects.filter(feed=row_number(object_id))[:10]
        runs = [(run, RUN_STATES[run.state], VERSION_ADVICE.get(run.advice, "")) for run in latest]
        number = row_number(object_id)
        met = [(KINDS[each.kind], each) for each in people_met(number)] if number is not None else []
        return super().change_view(request, object_id, form_url, {"runs": runs, "met": met, **(extra_context or {})})

    def steps(self) -> dict[str, Step]:
        return {
            "read": Step(gettext_lazy("Read now"), self._read, _is_read_by_us),
            "dry-run": Step(gettext_lazy("Dry run (changes nothing)"), self._dry_run, _is_read_by_us),
            "dry-replay": Step(gettext_lazy("Dry replay from the beginning"), self._dry_replay, _is_read_by_us, TRIED),
            "replay": Step(gettext_lazy("Replay from the beginning"), self._replay, _was_tried, REPLAYED),
        }

    def _read(self, request: HttpRequest, row: Feed, reason: str) -> str:
        return self._start(request, row, reason, dry_run=False)

    def _dry_run(self, request: HttpRequest, row: Feed, reason: str) -> str:
        return self._start(request, row, reason, dry_run=True)

    def _dry_replay(self, request: HttpRequest, row: Feed, reason: str) -> str:
        return self._start(request, row, reason, dry_run=True, replay=True)

    def _replay(self, request: HttpRequest, row: Feed, reason: str) -> str:
        if not _was_tried(row):
            return _("Make a dry replay first: the last run was another one.")
        return self._start(request, row, reason, dry_run=False, replay=True)

    def _start(self, request: HttpRequest, row: Feed, reason: str, *, dry_run: bool, replay: bool = False) -> str:
        trial = "feed dry replay asked for" if replay else "feed dry run asked for"
        real = "feed replay asked for" if replay else "feed read asked for"
        action = trial if dry_run else real
        record_audit(now=now(), actor=actor_of(request), action=action, object=f"feed:{row.name}", reason=reason)
        enqueue("read_feed", feed_id=row.pk, **({"dry_run": 1} if dry_run else {}), **({"replay": 1} if replay else {}))
        return _("A worker is reading the feed. Its counts appear below shortly.")

    @admin.display(description=gettext_lazy("last run"))
    def last_run(self, row: Feed) -> Any:
        run = row.runs.first()
        return run.started_at if run else None

    @admin.display(description=gettext_lazy("new / changed / duplicate / refused"))
    def last_counts(self, row: Feed) -> str:
        run = row.runs.first()
        return f"{run.new} / {run.changed} / {run.duplicate} / {run.refused}" if run else "–"


def _foreign(refused: registry.ForeignHost) -> str:
    words = _(
        "Our service key may not be sent to %(host)s. It belongs to %(hosts)s. If this host is one of data.go.kr or of "
        "an agency that it names, ask the operators to add it to DATA_GO_KR_HOSTS."
    )
    return words % {"host": refused.host, "hosts": ", ".join(refused.hosts)}


def _is_read_by_us(row: Feed) -> bool:
    return row.kind != Feed.PUSH


def _was_tried(row: Feed) -> bool:
    """Return whether the last run was a dry replay that came to its end: only then its counts hold."""
    last = row.runs.first()
    return _is_read_by_us(row) and last is not None and last.replay and last.dry_run and last.state == FeedRun.FINISHED
