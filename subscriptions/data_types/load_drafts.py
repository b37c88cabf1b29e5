"""Load the further kinds of data that are shipped as drafts. Only two persons make one live; loading changes nothing
that staff have edited."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from subscriptions.data_types.compose import composed
from subscriptions.data_types.format import read_agencies, read_data_type, read_file
from subscriptions.data_types.load import AGENCIES, FOLDER, SOURCE, Loaded, checked_place, ensure_agency, load_data_type
from subscriptions.data_types.reading import SpecErrors, SpecProblem
from subscriptions.models import DataTypeVersion
from subscriptions.specs import AgencySpec, DataTypeSpec

DRAFTS = FOLDER / "drafts"
FRAMES = FOLDER / "service" / "frames.toml"


@transaction.atomic
def load_drafts(*, now: datetime) -> list[Loaded]:
    """Load all drafts with their agencies, or nothing; return what became of each. Raises SpecErrors."""
    agencies, specs = read_drafts()
    for agency in agencies:
        ensure_agency(agency)
    return [_load_draft(spec, now) for spec in specs]


def read_drafts() -> tuple[list[AgencySpec], list[DataTypeSpec]]:
    """Return the agencies that the drafts add and the drafts, in the order in which they are shown. Raises SpecErrors
    with the problems of every file."""
    agencies = read_agencies(read_file(DRAFTS / AGENCIES), AGENCIES)
    known = [*read_agencies(read_file(FOLDER / AGENCIES), AGENCIES), *agencies]
    frames, others = read_file(FRAMES), {path.stem: read_file(path) for path in FOLDER.glob("*.toml")}
    problems: list[SpecProblem] = []
    specs: list[DataTypeSpec] = []
    for path in sorted(DRAFTS.glob("*.toml")):
        if path.name == AGENCIES:
            continue
        try:
            whole = composed(read_file(path), frames, path.name, others=others)
            specs.append(checked_place(read_data_type(whole, path.name), path, known))
        except SpecErrors as errors:
            problems += errors.problems
    if problems:
        raise SpecErrors(problems)
    return agencies, sorted(specs, key=lambda spec: (spec.order, spec.code))


def _load_draft(spec: DataTypeSpec, now: datetime) -> Loaded:
    """Leave a kind alone that staff have made themselves, or of which they are editing or deciding a version."""
    newest = DataTypeVersion.objects.filter(data_type__code=spec.code).order_by("-number")
    in_hand = newest.filter(Q(state=DataTypeVersion.REVIEW) | (Q(state=DataTypeVersion.DRAFT) & ~Q(edited_by=[])))
    theirs = in_hand.first() or (None if newest.filter(source=SOURCE).exists() else newest.first())
    if theirs is not None:
        is_live = newest.filter(state=DataTypeVersion.LIVE).exists()
        return Loaded(spec.code, theirs.number, made=False, live=is_live)
    return load_data_type(spec=spec, now=now, approve=False)
