"""Check that the parts of a data type fit together: names, date columns, stages, and every message template;
name the stages that it lacks although its records may reach them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from subscriptions.data_types.reading import SpecProblem
from subscriptions.message_templates.check import check_template
from subscriptions.message_templates.compile import NAME
from subscriptions.message_templates.prices import PRICES
from subscriptions.message_templates.samples import sample_payload
from subscriptions.message_templates.values import BUILT_IN, writer
from subscriptions.models import DataTypeVersion, Stage
from subscriptions.specs import DATE_SLOTS, LANGUAGES, DataTypeSpec, FieldSpec, StageSpec
from subscriptions.triggers import NOT_YOURS, REOPENED, SAY_END

_Item = TypeVar("_Item")

PERIOD = re.compile(r"(\d+)\s*(일|주|개월|달|년|days?|weeks?|months?|years?)", re.I)
KEPT_PERIODS = {(5, "일"), (5, "day"), *((years, unit) for years in (1, 2, 3, 5) for unit in ("년", "year"))}


def check_data_type(spec: DataTypeSpec, source: str, *, channels: Sequence[str]) -> list[SpecProblem]:
    """Return every problem of `spec`. Each stage must have a template on each of `channels` in each language."""
    return [
        *_check_names(spec, source),
        *(problem for item in spec.fields for problem in _check_field(item, f"{source}, field {item.name}")),
        *(problem for item in spec.stages for problem in _check_stage(item, spec, source, channels)),
    ]


def _check_names(spec: DataTypeSpec, source: str) -> Iterator[SpecProblem]:
    lists: dict[str, list[str]] = {
        "field": [item.name for item in spec.fields],
        "placeholder": [item.placeholder for item in spec.fields] + [*BUILT_IN, *PRICES],
        "date_slot": [str(item.date_slot) for item in spec.fields if item.date_slot is not None],
        "stage": [item.code for item in spec.stages],
    }
    for what, names in lists.items():
        for name in _repeated(names):
            yield _problem(source, _("%(what)s %(name)s is defined twice."), what=what, name=name)
    if sum(item.on == NOT_YOURS for item in spec.stages) > 1:
        yield _problem(source, _("More than one stage tells people that a record was not about them."))
    if not spec.stages:
        yield _problem(source, _("There is no stage: no notice would ever be sent."))


def _check_field(field: FieldSpec, where: str) -> Iterator[SpecProblem]:
    if not NAME.fullmatch(field.placeholder):
        yield _problem(where, _("The placeholder may hold letters, digits and spaces only."))
    if field.date_slot is not None and field.date_slot not in DATE_SLOTS:
        yield _problem(where, _("date_slot must be from 1 to 4."))
    if field.required and not field.sample:
        yield _problem(where, _("A sample is missing."))
    if field.sample and not _sample_fits(field):
        yield _problem(where, _("The sample does not fit the type."))
    if field.sample_en and (field.type != "text" or not field.sample):
        yield _problem(where, _("An English sample is only for texts that have a sample."))
    if len(field.sample_en) > field.max_length:
        yield _problem(where, _("The English sample is too long."))


def _sample_fits(field: FieldSpec) -> bool:
    if field.type == "text" and len(field.sample) > field.max_length:
        return False
    try:
        return bool(writer(field, "ko")(sample_payload(field)))
    except (ValueError, KeyError):
        return False


def _check_stage(stage: StageSpec, spec: DataTypeSpec, source: str, channels: Sequence[str]) -> Iterator[SpecProblem]:
    where = f"{source}, stage {stage.code}"
    slotted = {item.name for item in spec.fields if item.date_slot is not None}
    instants = {item.name for item in spec.fields if item.type == "datetime"}
    if stage.on == "date" and stage.field not in slotted:
        yield _problem(where, _("“%(name)s” is not a field with a date_slot."), name=stage.field)
    if stage.expires is not None and stage.expires.field not in slotted:
        yield _problem(where, _("expires: “%(name)s” is not a field with a date_slot."), name=stage.expires.field)
    if stage.expires is not None and stage.expires.at_event and stage.expires.field not in instants:
        yield _problem(where, _("expires: event = true needs a field of type datetime."))
    if stage.on == NOT_YOURS and stage.expires is not None:
        yield _problem(where, _("expires: the dates of the record are another person's at this stage."))
    if stage.on == "changed" and not any(item.announce_changes for item in spec.fields):
        yield _problem(where, _("No field has announce_changes, so no change would ever be announced."))
    yield from _check_coverage(stage, where, channels)
    yield from _check_templates(stage, spec, where)


def _check_coverage(stage: StageSpec, where: str, channels: Sequence[str]) -> Iterator[SpecProblem]:
    there = [(item.channel, item.language) for item in stage.templates]
    for channel, language in _repeated(there):
        yield _problem(f"{where}, {channel} {language}", _("There is more than one message template."))
    for channel in channels:
        for language in LANGUAGES:
            if (channel, language) not in there:
                yield _problem(f"{where}, {channel} {language}", _("There is no message template."))


def _check_templates(stage: StageSpec, spec: DataTypeSpec, where: str) -> Iterator[SpecProblem]:
    for item in stage.templates:
        place = f"{where}, {item.channel} {item.language}"
        if not spec.payable and (name := next((each for each in PRICES if f"#{{{each}" in item.body), None)):
            yield _problem(place, _("“%(name)s” only works in data types of which something is paid."), name=name)
        texts = (item.body, item.title, item.channel, item.language)
        for found in check_template(*texts, spec.fields, stage, sensitive=spec.sensitive):
            yield SpecProblem(f"{place}, {found.where}", str(found))


def _repeated(items: Iterable[_Item]) -> list[_Item]:
    return [item for item, times in Counter(items).items() if times > 1]


def _problem(where: str, message: Any, **values: object) -> SpecProblem:
    return SpecProblem(where, str(message % values if values else message))


def unkept_promises(retention: str) -> list[str]:
    """Return the periods in a consent text about retention that no job keeps (citizens/own_data/promises.py).

    Kept are: 5 days after withdrawing, a year after a case is over, and by law 2, 3 and 5 years.
    """
    named = ((found[0], int(found[1]), found[2].lower().rstrip("s")) for found in PERIOD.finditer(retention))
    return [words for words, number, unit in named if (number, unit) not in KEPT_PERIODS]


def missing_news(version: DataTypeVersion) -> list[str]:
    """Return texts about the stages to add. They do not keep a version from being approved."""
    triggers = set(version.stages.values_list("trigger", flat=True))
    if REOPENED in triggers or triggers.isdisjoint(SAY_END):
        return []
    return [
        str(
            _(
                "It notifies people that a record is over (paid, done, withdrawn or objected to), but not that this is "
                "taken back: add a stage “open again after it was paid, completed or withdrawn” with message templates "
                "on every channel. Otherwise they get the first notice once more, which does not say that the earlier "
                "notice no longer applies."
            )
        )
    ]


def live_without_return() -> QuerySet[DataTypeVersion]:
    """Return live versions that notify people of an end and have no stage for its reversal."""
    stages = Stage.objects.filter(version=OuterRef("pk"))
    ends, back = Exists(stages.filter(trigger__in=SAY_END)), Exists(stages.filter(trigger=REOPENED))
    live = DataTypeVersion.objects.filter(state=DataTypeVersion.LIVE)
    return live.filter(ends & ~back).select_related("data_type").order_by("data_type__code")
