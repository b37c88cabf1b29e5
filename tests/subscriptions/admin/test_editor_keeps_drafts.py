"""Test that the editor opens each part of a shipped draft, and that saving what it shows changes nothing."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.data_types.version_mapping import digest_of
from subscriptions.models import DataTypeVersion
from tests.subscriptions.admin.ninth_type import VERSIONS, expect_saved
from tests.support.browser_forms import fill_in
from tests.support.catalogue import AGENCIES
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS
from tests.support.together import in_one_test

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
# Between them: a legal deadline, a choice, a field that is required for an event, a private and optional one, urgency,
# an event, states other than open, and an end of its own.
VARIED = [
    ("registered_post", ["state", "until"], "kept"),
    ("relief_fund", ["amount"], "use_d30"),
    ("car_tax", ["due_on"], "due_d3"),
]


@pytest.mark.django_db
@in_one_test(("code", "fields", "stage_code"), VARIED)
def test_saving_what_the_editor_shows_loses_nothing(
    code: str, fields: list[str], stage_code: str, alice: Client
) -> None:
    [spec] = [spec for spec in DRAFTS if spec.code == code]
    for agency in (*AGENCIES, *DRAFT_AGENCIES):
        ensure_agency(agency)
    load_data_type(spec=spec, now=NOW, approve=False)
    version = DataTypeVersion.objects.get(data_type__code=code)
    stage = version.stages.get(code=stage_code)
    template = stage.templates.get(channel="kakaotalk", language="ko")
    pages: dict[str, dict[str, str]] = {
        "basics/": {"name_ko": spec.name.ko},
        "consent/": {"purpose_ko": version.consent_text.purpose_ko},
        **{f"fields/{item.name}/": {"placeholder": item.placeholder} for item in spec.fields if item.name in fields},
        f"stages/{stage.pk}/": {"label_ko": stage.label_ko},
        f"stages/{stage.pk}/templates/kakaotalk/ko/": {"title": template.title},
    }
    for page, shown in pages.items():  # one value names the form; all others are posted as they are shown
        expect_saved(fill_in(alice, f"{VERSIONS}/{version.pk}/{page}", **shown))
    version.refresh_from_db()
    assert digest_of(version) == version.digest == spec.digest()
    assert version.edited_by
    same = {"basics-name_ko": spec.name.ko}
    expect_saved(fill_in(alice, f"{VERSIONS}/{version.pk}/write/", **same))  # all of it on one page
    version.refresh_from_db()
    assert digest_of(version) == version.digest == spec.digest()
