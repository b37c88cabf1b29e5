"""Test loading the catalogue: changes become a new version, and no version is ever edited."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from subscriptions.data_types import format
from subscriptions.data_types.checks import check_data_type
from subscriptions.data_types.format import read_data_type, read_file
from subscriptions.data_types.load import FOLDER, SERVICE_FOLDER, load_catalogue, load_data_type
from subscriptions.data_types.version_mapping import digest_of
from subscriptions.models import Agency, ConsentText, DataType, DataTypeVersion, MessageTemplate, Stage
from subscriptions.models.data_type import OF_THE_SERVICE
from tests.support.catalogue import SPECS
from tests.support.present import present

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
FINE = read_file(FOLDER / "traffic_fine.toml")
OWN = [read_data_type(read_file(FOLDER / SERVICE_FOLDER / f"{code}.toml"), code) for code in OF_THE_SERVICE]
STAGES = [stage for spec in (*SPECS, *OWN) for stage in spec.stages]
TEMPLATES = [template for stage in STAGES for template in stage.templates]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Problems are in the language of the reader; these tests read English."""
    with translation.override("en"):
        yield


@pytest.fixture
def fine() -> Any:
    Agency.objects.create(code="knpa", name_ko="경찰청", name_en="Police", phone="182")
    return read_data_type(FINE, "fine.toml")


def changed(**values: Any) -> Any:
    return read_data_type({**FINE, **values}, "fine.toml")


def load(spec: Any, *, approve: Any = True) -> Any:
    return load_data_type(spec=spec, now=NOW, approve=approve)


@pytest.mark.django_db
def test_the_catalogue_is_loaded_live_with_everything_in_it() -> None:
    loaded = load_catalogue(now=NOW, approve=True)
    assert [(item.number, item.made, item.live) for item in loaded] == [(1, True, True)] * 8
    assert DataType.objects.live().count() == 8
    assert (Stage.objects.count(), MessageTemplate.objects.count()) == (len(STAGES), len(TEMPLATES))
    assert set(ConsentText.objects.values_list("code", flat=True)) == {
        "service",
        *OF_THE_SERVICE,
        *("office_call", "family", "family_member"),
        *(spec.code for spec in SPECS),
    }


@pytest.mark.django_db
def test_loading_again_changes_nothing() -> None:
    load_catalogue(now=NOW, approve=True)
    before = (
        list(DataTypeVersion.objects.values()),
        list(MessageTemplate.objects.values()),
        list(ConsentText.objects.values()),
    )
    assert not any(item.made for item in load_catalogue(now=NOW, approve=True))
    after = (
        list(DataTypeVersion.objects.values()),
        list(MessageTemplate.objects.values()),
        list(ConsentText.objects.values()),
    )
    assert after == before


@pytest.mark.django_db
def test_only_what_is_new_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def check(spec: Any, *how: Any, **more: Any) -> Any:
        checked.append(spec.code)
        return check_data_type(spec, *how, **more)

    monkeypatch.setattr(format, "check_data_type", check)
    load_catalogue(now=NOW, approve=True)
    assert len(checked) == len(set(checked)) == len(SPECS) + len(OWN)
    checked.clear()
    load_catalogue(now=NOW, approve=True)
    assert checked == []
    DataTypeVersion.objects.filter(data_type__code="vaccination").update(digest="of another text", shipped_digest="")
    load_catalogue(now=NOW, approve=True)
    assert checked == ["vaccination"]
    DataTypeVersion.objects.filter(data_type__code="vaccination", number=1).update(digest="", shipped_digest="")
    checked.clear()
    load_catalogue(now=NOW, approve=True)
    assert checked == [], "the newest version has it"


@pytest.mark.django_db
def test_rows_say_what_their_file_says() -> None:
    """So that a version an administrator approves keeps its digest, and is not loaded once more."""
    load_catalogue(now=NOW, approve=True)
    loaded = {version.data_type.code: digest_of(version) for version in DataTypeVersion.objects.all()}
    assert loaded == {spec.code: spec.digest() for spec in (*SPECS, *OWN)}


@pytest.mark.django_db
def test_a_stage_hangs_on_the_column_of_its_field(fine: Any) -> None:
    load(fine)
    stage = Stage.objects.get(code="due_soon")
    assert (stage.trigger, stage.date_slot, stage.offset_days, stage.expires_slot) == ("date", 2, -3, 2)
    assert Stage.objects.get(code="issued").date_slot is None
    assert Stage.objects.get(code="paid").expires_slot is None


@pytest.mark.django_db
def test_a_changed_file_becomes_a_new_version_and_the_old_one_stays(fine: Any) -> None:
    load(fine)
    templates = list(MessageTemplate.objects.filter(stage__version__number=1).values())
    assert load(changed(order=21)).number == 2
    assert [(v.number, v.state) for v in DataTypeVersion.objects.order_by("number")] == [(1, "retired"), (2, "live")]
    assert list(MessageTemplate.objects.filter(stage__version__number=1).values()) == templates
    assert DataType.objects.get().position == 21


@pytest.mark.django_db
def test_a_consent_text_that_says_the_same_is_kept(fine: Any) -> None:
    load(fine)
    load(changed(order=21))
    assert ConsentText.objects.count() == 1
    load(changed(consent={**FINE["consent"], "ko": {**FINE["consent"]["ko"], "refusal": "동의하지 않으셔도 됩니다."}}))
    assert [text.number for text in ConsentText.objects.order_by("number")] == [1, 2]


@pytest.mark.django_db
def test_without_approval_it_waits_as_a_draft(fine: Any) -> None:
    assert not load(fine, approve=False).live
    version = DataTypeVersion.objects.get()
    assert (version.state, DataType.objects.get().live_version) == ("draft", None)


@pytest.mark.django_db
def test_a_loaded_template_waits_for_its_vendors_template_code(fine: Any) -> None:
    load(fine)
    assert MessageTemplate.objects.exists()
    assert not MessageTemplate.objects.exclude(vendor_template="").exists()


@pytest.mark.django_db
def test_an_untouched_draft_is_replaced_by_the_next_one(fine: Any) -> None:
    load(fine, approve=False)
    assert load(changed(order=21), approve=False).number == 1
    assert DataTypeVersion.objects.count() == 1


@pytest.mark.django_db
def test_an_administrators_live_version_is_never_replaced(fine: Any) -> None:
    load(fine)
    DataTypeVersion.objects.update(source="admin")
    loaded = load(changed(order=21))
    assert (loaded.number, loaded.live, loaded.held_back) == (2, False, True)
    assert present(DataType.objects.get().live_version).number == 1


@pytest.mark.django_db
def test_an_agency_that_is_there_is_left_as_it_is() -> None:
    Agency.objects.create(code="kdca", name_ko="질병관리청", name_en="KDCA", phone="1339-1")
    load_catalogue(now=NOW, approve=False)
    assert Agency.objects.get(code="kdca").phone == "1339-1"


@pytest.mark.django_db
def test_the_command_reports_each_data_type(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue", approve=True, drafts=False)
    assert "vaccination v1: new, live" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_command_refuses_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text("agencies = []", encoding="utf-8")
    (tmp_path / "traffic_fine.toml").write_text("code = 1", encoding="utf-8")
    with pytest.raises(CommandError, match=r"traffic_fine\.toml: code has the wrong type"):
        call_command("load_catalogue", folder=tmp_path)
