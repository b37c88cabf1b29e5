"""Test the list that shows staff which kinds of data are live, which are not yet, and which wait for an approver."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.data_types.publish import new_draft, submit
from subscriptions.models import DataType, DataTypeVersion
from tests.notifications.cast import make_data_type
from tests.subscriptions.admin.ninth_type import staff
from tests.support.catalogue import AGENCIES, SPECS
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
LIST = "/admin/subscriptions/datatype/"
LIVE = ["traffic_fine", "vaccination"]
WAITING = ["car_tax", "passport_expiry", "stay_permit"]
NAMES = {spec.code: spec.name.ko for spec in (*SPECS, *DRAFTS) if spec.code in (*LIVE, *WAITING)}


@pytest.fixture(scope="module")
def kinds(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Two kinds that are live, and three that are shipped as drafts."""
    with django_db_blocker.unblock(), transaction.atomic():
        for agency in (*AGENCIES, *DRAFT_AGENCIES):
            ensure_agency(agency)
        for spec in (*SPECS, *DRAFTS):
            if spec.code in (*LIVE, *WAITING):
                load_data_type(spec=spec, now=NOW, approve=spec.code in LIVE)
        yield
        transaction.set_rollback(True)


def rows(client: Client, query: str = "") -> dict[str, str]:
    """Code → the text of its row, in English."""
    page = client.get(f"{LIST}{query}", headers={"accept-language": "en"}).content.decode()
    found = re.findall(r"<tr>(.*?)</tr>", page.partition('id="result_list"')[2], re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]
    return {code: text for text in texts for code, name in NAMES.items() if text.startswith(f"{name} ")}


def test_the_list_says_of_each_kind_whether_it_is_live(alice: Client) -> None:
    found = rows(alice)
    assert sorted(found) == sorted((*LIVE, *WAITING))
    assert (
        "여권 만료" in found["passport_expiry"]
        and " draft " in found["passport_expiry"]
        and "v1 (draft)" in found["passport_expiry"]
    )
    assert (
        "교통과태료" in found["traffic_fine"]
        and " live " in found["traffic_fine"]
        and "v1 (live)" in found["traffic_fine"]
    )
    page = alice.get(LIST, headers={"accept-language": "ko"}).content.decode()
    assert "행정정보 종류: 운영 중 2개, 운영 전 3개" in page


def test_it_is_filtered_by_state_and_group_and_found_by_name(alice: Client) -> None:
    draft = DataTypeVersion.objects.get(data_type__code="car_tax")
    submit(version=draft, by=staff("alice"), now=NOW)
    assert sorted(rows(alice, "?state=live")) == LIVE
    assert sorted(rows(alice, "?state=draft")) == WAITING
    assert list(rows(alice, "?state=review")) == ["car_tax"]
    assert list(rows(alice, "?group=tax")) == ["car_tax"]
    assert list(rows(alice, "?q=체류기간")) == ["stay_permit"]


def test_a_live_kind_with_a_draft_beside_it_says_both(alice: Client) -> None:
    new_draft(data_type=DataType.objects.get(code="vaccination"), by=staff("alice"), now=NOW)
    row = rows(alice)["vaccination"]
    assert " live, draft " in row and "v2 (draft)" in row
    assert sorted(rows(alice, "?state=live")) == LIVE


def test_the_list_costs_the_same_for_any_number_of_kinds(alice: Client, django_assert_num_queries: Any) -> None:
    assert len(rows(alice)) == 5  # once, so that what is kept between requests is there
    with CaptureQueriesContext(connection) as of_five:
        rows(alice)
    for number in range(4):
        make_data_type(f"more_{number}")
    with django_assert_num_queries(len(of_five)):
        page = alice.get(LIST, headers={"accept-language": "en"}).content.decode()
    assert page.partition('id="result_list"')[2].count("<tr>") == 9 + 1  # and the names of the columns
    assert len(of_five) <= 13
