"""Load what is shipped: data types, the consent texts that belong to none of them, and further kinds as drafts.

Idempotent: what is unchanged is left alone, what has changed becomes a new version. Only two persons make a draft live,
and loading changes nothing of it that staff have edited.
"""

import tomllib
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max, Q

from secretary.kernel.audit.audit import record_audit
from subscriptions.data_types.compose import composed
from subscriptions.data_types.format import read_agencies, read_data_type, read_file
from subscriptions.data_types.reading import SpecErrors, SpecProblem
from subscriptions.data_types.rows import insert_version
from subscriptions.enrolment.consent_texts import FAMILY, FAMILY_MEMBER, OFFICE_CALL, SERVICE, newest_or_new
from subscriptions.events import announce_published
from subscriptions.models import Agency, ConsentText, DataType, DataTypeVersion
from subscriptions.models.data_type import CONTACT, OF_THE_SERVICE
from subscriptions.specs import CONSENT_PARTS, LANGUAGES, AgencySpec, DataTypeSpec

FOLDER = Path(__file__).parents[1] / "catalogue"
SERVICE_FILE, OFFICE_CALL_FILE = FOLDER / "service_consent.toml", FOLDER / "office_call_consent.toml"
FAMILY_FILES = {FAMILY: FOLDER / "family_consent.toml", FAMILY_MEMBER: FOLDER / "family_member_consent.toml"}
DRAFTS = FOLDER / "drafts"
FRAMES = FOLDER / "service" / "frames.toml"
SOURCE = "catalogue"
SERVICE_FOLDER = "service"  # in the folder: the files of OF_THE_SERVICE, which no agency delivers
AGENCIES = "agencies.toml"
Known = Container[tuple[str, str]]  # codes and digests of data types that have been checked
NO_DATA_TYPES = {AGENCIES, *(file.name for file in (SERVICE_FILE, OFFICE_CALL_FILE, *FAMILY_FILES.values()))}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of one file. `held_back`: approval was requested, but an administrator's version is live."""

    code: str
    number: int
    made: bool
    live: bool
    held_back: bool = False


def load_catalogue(*, now: datetime, approve: bool, folder: Path = FOLDER) -> list[Loaded]:
    """Load all of `folder` with the texts of bundled and test messages, or nothing; return what became of the data
    types. With `approve`, new versions go live at once.

    Raises SpecErrors with the problems of every file.
    """
    known = _loaded()
    agencies, specs = read_catalogue(folder, known=known)
    with transaction.atomic():
        ensure_service_consent()
        ensure_office_call_consent()
        ensure_family_consents()
        for agency in agencies:
            ensure_agency(agency)
        for path in (folder / SERVICE_FOLDER / f"{code}.toml" for code in OF_THE_SERVICE):
            if path.exists():
                own = checked_place(read_data_type(read_file(path), path.name, known=known), path, agencies)
                load_data_type(spec=own, now=now, approve=approve)
        return [load_data_type(spec=spec, now=now, approve=approve) for spec in specs]


def read_catalogue(folder: Path = FOLDER, *, known: Known = ()) -> tuple[list[AgencySpec], list[DataTypeSpec]]:
    """Return the agencies and the data types of `folder`, in the order in which they are shown. Raises SpecErrors."""
    problems: list[SpecProblem] = []
    agencies = read_agencies(read_file(folder / AGENCIES), AGENCIES)
    specs: list[DataTypeSpec] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name in NO_DATA_TYPES:
            continue
        try:
            specs.append(checked_place(read_data_type(read_file(path), path.name, known=known), path, agencies))
        except SpecErrors as errors:
            problems += errors.problems
    if problems:
        raise SpecErrors(problems)
    return agencies, sorted(specs, key=lambda spec: (spec.order, spec.code))


@transaction.atomic
def load_data_type(*, spec: DataTypeSpec, now: datetime, approve: bool) -> Loaded:
    """Return a new version of the data type if `spec` differs from the newest one of the catalogue.

    An administrator's live version is never replaced: the catalogue's then waits as a draft.
    """
    data_type = _data_type(spec)
    shipped = data_type.versions.filter(source=SOURCE).order_by("-number").first()
    made = shipped is None or spec.digest() not in (shipped.digest, shipped.shipped_digest)
    live = data_type.live_version
    held_back = approve and live is not None and live.source != SOURCE
    approve = approve and not held_back
    if shipped is None or made:
        shipped = _insert(spec, data_type, now=now)
    if approve and shipped.state == DataTypeVersion.DRAFT:
        _make_live(shipped, spec, now=now)
    is_live = shipped.state == DataTypeVersion.LIVE
    return Loaded(spec.code, shipped.number, made, is_live, held_back and not is_live)


def checked_place(spec: DataTypeSpec, path: Path, agencies: list[AgencySpec]) -> DataTypeSpec:
    """Return `spec`. Raises SpecErrors where its file has another name, or its agency is none of `agencies`."""
    if spec.code != path.stem:
        raise SpecErrors([SpecProblem(path.name, f"holds {spec.code}: file and code must have the same name")])
    if spec.agency not in {agency.code for agency in agencies}:
        raise SpecErrors([SpecProblem(path.name, f"agency {spec.agency} is not in {AGENCIES}")])
    return spec


def ensure_agency(spec: AgencySpec) -> None:
    """Create the agency, but never change it: its name and phone are edited by administrators."""
    names = {"name_ko": spec.name.ko, "name_en": spec.name.en, "phone": spec.phone}
    Agency.objects.get_or_create(code=spec.code, defaults=names)


def _loaded() -> set[tuple[str, str]]:
    """Return what was checked when it was loaded, so that only what is new is checked, which takes most of a load.

    Of each data type the newest version of the catalogue's, with which `load_data_type` compares a file.
    """
    newest = DataTypeVersion.objects.filter(source=SOURCE).order_by("data_type_id", "-number").distinct("data_type_id")
    rows = newest.values_list("data_type__code", "digest", "shipped_digest")
    return {(code, digest) for code, *digests in rows for digest in digests if digest}


def _data_type(spec: DataTypeSpec) -> DataType:
    """Return the row, locked, so that two concurrent loads make one version."""
    agency = Agency.objects.get(code=spec.agency)
    columns = {"agency": agency, "group": spec.group, "position": spec.order, "payable": spec.payable}
    DataType.objects.get_or_create(code=spec.code, defaults=columns)
    return DataType.objects.select_for_update(of=("self",)).select_related("live_version").get(code=spec.code)


def _insert(spec: DataTypeSpec, data_type: DataType, *, now: datetime) -> DataTypeVersion:
    """Replace the catalogue's earlier draft, if it was not edited."""
    data_type.versions.filter(source=SOURCE, state=DataTypeVersion.DRAFT, edited_by=[]).delete()
    number = (data_type.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = insert_version(spec=spec, data_type=data_type, number=number, source=SOURCE)
    _record(version, "version loaded", now)
    return version


def _make_live(version: DataTypeVersion, spec: DataTypeSpec, *, now: datetime) -> None:
    data_type = version.data_type
    data_type.versions.filter(state=DataTypeVersion.LIVE).update(state=DataTypeVersion.RETIRED)
    before = data_type.live_version
    for column, value in (before or Agency.objects.get(code=spec.agency)).contact().items():
        setattr(version, column, value)  # a release brings templates; the agency's telephone takes two persons
    version.state, version.approved_at = DataTypeVersion.LIVE, now
    version.save(update_fields=["state", "approved_at", *CONTACT])
    data_type.agency = Agency.objects.get(code=spec.agency)
    data_type.group, data_type.position, data_type.payable = spec.group, spec.order, spec.payable
    data_type.live_version = version
    data_type.save()
    _record(version, "version approved", now)
    announce_published(version.pk)


def _record(version: DataTypeVersion, action: str, now: datetime) -> None:
    place = f"data_type_version:{version.pk} {version.data_type.code} v{version.number}"
    record_audit(now=now, actor="system:load_catalogue", action=action, object=place)


@transaction.atomic
def load_drafts(*, now: datetime) -> list[Loaded]:
    """Load all drafts with their agencies, or nothing; return what became of each. Raises SpecErrors."""
    agencies, specs = read_drafts(known=_loaded())
    for agency in agencies:
        ensure_agency(agency)
    return [_load_draft(spec, now) for spec in specs]


def read_drafts(*, known: Known = ()) -> tuple[list[AgencySpec], list[DataTypeSpec]]:
    """Return the agencies that the drafts add and the drafts, in the order in which they are shown. Raises SpecErrors
    with the problems of every file."""
    agencies = read_agencies(read_file(DRAFTS / AGENCIES), AGENCIES)
    places = [*read_agencies(read_file(FOLDER / AGENCIES), AGENCIES), *agencies]
    frames, others = read_file(FRAMES), {path.stem: read_file(path) for path in FOLDER.glob("*.toml")}
    problems: list[SpecProblem] = []
    specs: list[DataTypeSpec] = []
    for path in sorted(DRAFTS.glob("*.toml")):
        if path.name == AGENCIES:
            continue
        try:
            whole = composed(read_file(path), frames, path.name, others=others)
            specs.append(checked_place(read_data_type(whole, path.name, known=known), path, places))
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


@transaction.atomic
def ensure_service_consent(file: Path = SERVICE_FILE) -> ConsentText:
    """Return the text of the service in force, with a new version made where the file differs from the newest one."""
    return _ensure(SERVICE, file)


@transaction.atomic
def ensure_office_call_consent() -> ConsentText:
    """Return the text in force of the consent to calls by an office, made anew in the same way."""
    return _ensure(OFFICE_CALL, OFFICE_CALL_FILE)


@transaction.atomic
def ensure_family_consents() -> tuple[ConsentText, ConsentText]:
    """Return the texts in force of the senior who names a family member and of the family member, made anew alike."""
    senior, member = (_ensure(code, file) for code, file in FAMILY_FILES.items())
    return senior, member


def _ensure(code: str, file: Path) -> ConsentText:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = {f"{part}_{language}": content[language][part] for part in CONSENT_PARTS for language in LANGUAGES}
    switches = {name: bool(content[name]) for name in ("required", "sensitive")}
    return newest_or_new(code, {**texts, **switches})
