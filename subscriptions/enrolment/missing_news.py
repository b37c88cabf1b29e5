"""Find stages that a version lacks although its records may reach them: shown before approval, an alarm once live."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from subscriptions.models import DataTypeVersion, Stage
from subscriptions.triggers import REOPENED, SAY_END


def missing_news(version: DataTypeVersion) -> list[str]:
    """Return texts about the stages to add. They do not keep a version from being approved."""
    triggers = set(version.stages.values_list("trigger", flat=True))
    if REOPENED in triggers or triggers.isdisjoint(SAY_END):
        return []
    return [
        _(
            "It notifies people that a record is over (paid, done, withdrawn or objected to), but not that this is "
            "taken back: add a stage “open again after it was paid, completed or withdrawn” with message templates "
            "on every channel. Otherwise they get the first notice once more, which does not say that the earlier "
            "notice no longer applies."
        )
    ]


def live_without_return() -> QuerySet[DataTypeVersion]:
    """Return live versions that notify people of an end and have no stage for its reversal."""
    stages = Stage.objects.filter(version=OuterRef("pk"))
    ends, back = Exists(stages.filter(trigger__in=SAY_END)), Exists(stages.filter(trigger=REOPENED))
    live = DataTypeVersion.objects.filter(state=DataTypeVersion.LIVE)
    return live.filter(ends & ~back).select_related("data_type").order_by("data_type__code")
