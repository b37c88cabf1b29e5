"""Test loading the kinds that are shipped as drafts: never live by themselves, never over what staff edited."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from notifications.intake.parsing.schema import live_schemas
from notifications.models import Notice
from subscriptions.data_types import load as module
from subscriptions.data_types.drafts import create_data_type, discard, editing
from subscriptions.data_types.load import load_drafts
from subscriptions.data_types.publish import approve, submit
from subscriptions.data_types.version_mapping import digest_of, problems_of
from subscriptions.models import Agency, DataType, DataTypeVersion
from tests.subscriptions.admin.ninth_type import staff
from tests.support.catalogue import SPECS
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS
from tests.support.prepared_database import kept_for_a_file
from tests.support.together import Cases

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]
NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
FILES = sorted((Path(module.__file__).parents[1] / "catalogue" / "drafts").glob("*.toml"))  # and the agencies'


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Everything that is shipped, as `manage.py load_catalogue` loads it on a machine for development."""

    def prepare() -> None:
        call_command("load_catalogue", approve=True, stderr=StringIO())

    with kept_for_a_file(prepare, blocker=django_db_blocker):
        yield


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the files anew takes a second."""
    monkeypatch.setattr(module, "read_drafts", lambda **_: (DRAFT_AGENCIES, DRAFTS))


def version_of(code: str) -> DataTypeVersion:
    return DataTypeVersion.objects.filter(data_type__code=code).order_by("-number")[0]


def edit(version: DataTypeVersion, by: User) -> None:
    with editing(version_id=version.pk, by=by, now=NOW, what="basics") as draft:
        draft.frequency_ko = "한 번"


def everything() -> tuple[Any, ...]:
    return tuple(list(model.objects.order_by("pk").values()) for model in (Agency, DataType, DataTypeVersion))


def test_the_kind_of_each_file_waits_as_a_draft() -> None:
    drafts = DataTypeVersion.objects.filter(data_type__live_version=None)
    assert {version.data_type.code for version in drafts} == {spec.code for spec in DRAFTS}
    assert {version.data_type.code for version in drafts} == {path.stem for path in FILES} - {"agencies"}
    assert {version.state for version in drafts} == {"draft"}
    assert not {spec.code for spec in DRAFTS} & {spec.code for spec in SPECS}
    assert not {item.code for item in DRAFT_AGENCIES} - {spec.agency for spec in DRAFTS}


def test_a_draft_is_in_no_citizens_list_and_no_reading_of_feeds() -> None:
    shipped_live = {spec.code for spec in SPECS}
    assert set(DataType.objects.live().values_list("code", flat=True)) == shipped_live
    assert set(live_schemas()) == shipped_live
    assert not Notice.objects.exists()
    page = Client().get("/").content.decode()
    assert "교통과태료" in page and not [spec.code for spec in DRAFTS if spec.summary.ko in page]


def test_rows_say_what_their_file_says_and_nothing_is_missing() -> None:
    """So that the editor opens and saves a draft without loss, and each can be submitted as it is."""
    digests = {spec.code: spec.digest() for spec in DRAFTS}
    cases = Cases()
    for version in DataTypeVersion.objects.filter(state="draft").select_related("data_type__agency"):
        with cases.case(version.data_type.code):
            assert digest_of(version) == digests[version.data_type.code] == version.shipped_digest
            assert problems_of(version) == []
    cases.conclude()


@pytest.mark.usefixtures("read_once")
def test_loading_again_changes_nothing() -> None:
    edit(version_of("customs"), staff("alice"))
    submit(version=version_of("vat"), by=staff("carol"), now=NOW)
    before = everything()
    assert not any(item.made for item in load_drafts(now=NOW))
    assert everything() == before


@pytest.mark.usefixtures("read_once")
def test_what_staff_edited_and_approved_is_not_offered_in_its_first_form_again() -> None:
    edit(version_of("customs"), staff("alice"))
    submit(version=version_of("customs"), by=staff("alice"), now=NOW)
    approve(version=version_of("customs"), by=staff("bob"), now=NOW)
    before = everything()
    [customs] = [item for item in load_drafts(now=NOW) if item.code == "customs"]
    assert (customs.live, customs.made, everything()) == (True, False, before)


@pytest.mark.usefixtures("read_once")
def test_a_release_with_another_text_replaces_an_untouched_draft_alone() -> None:
    DataTypeVersion.objects.filter(data_type__code__in=["customs", "vat"]).update(shipped_digest="", digest="older")
    edit(version_of("vat"), staff("alice"))
    made = {item.code for item in load_drafts(now=NOW) if item.made}
    assert made == {"customs"}
    assert DataTypeVersion.objects.filter(data_type__code="customs").count() == 1
    assert version_of("vat").frequency_ko == "한 번"


@pytest.mark.usefixtures("read_once")
def test_a_kind_that_staff_made_themselves_stays_theirs() -> None:
    discard(version=version_of("customs"), by=staff("alice"), now=NOW)
    words = {"code": "customs", "group": "other", "name_ko": "통관", "name_en": "Customs"}
    agency = Agency.objects.get(code="kcs")
    create_data_type(**words, agency=agency, by=staff("alice"), now=NOW)  # type: ignore[arg-type]
    before = everything()
    assert not any(item.made for item in load_drafts(now=NOW))
    assert everything() == before


@pytest.mark.usefixtures("read_once")
def test_a_discarded_draft_comes_back_as_shipped() -> None:
    discard(version=version_of("customs"), by=staff("alice"), now=NOW)
    assert not DataType.objects.filter(code="customs").exists()
    assert [item.code for item in load_drafts(now=NOW) if item.made] == ["customs"]


@pytest.mark.usefixtures("read_once")
def test_an_agency_that_staff_corrected_keeps_its_telephone() -> None:
    Agency.objects.filter(code="nts").update(phone="02-0000-0000")
    load_drafts(now=NOW)
    assert Agency.objects.get(code="nts").phone == "02-0000-0000"


def test_the_command_says_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue", approve=True)
    assert f"{len(FILES) - 1} further kinds: 0 new as drafts, 0 live" in capsys.readouterr().err
