"""Test that people are offered the kinds that are live, and none that is shipped as a draft."""

from typing import Any

import pytest
from django.test import Client

from subscriptions.data_types.load import ensure_agency, load_data_type
from subscriptions.models import DataType
from tests.subscriptions import cast
from tests.subscriptions.web.steps import CHANNELS, TYPES, confirmed
from tests.support.drafts import DRAFT_AGENCIES, DRAFTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider")]


def test_the_page_of_kinds_offers_a_draft_only_once_it_is_live(client: Client) -> None:
    for agency in DRAFT_AGENCIES:
        ensure_agency(agency)
    [passport] = [spec for spec in DRAFTS if spec.code == "passport_expiry"]
    load_data_type(spec=passport, now=cast.NOW, approve=False)
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    page = client.get("/sign-up/data-types/").content.decode()
    assert 'value="traffic_fine"' in page and "passport_expiry" not in page and "여권" not in page
    answer: Any = client.post("/sign-up/data-types/", TYPES | {"other": ["passport_expiry"]})
    assert answer["Location"] == "/sign-up/consent/"
    assert "여권" not in client.get("/sign-up/consent/").content.decode()
    load_data_type(spec=passport, now=cast.NOW, approve=True)
    assert DataType.objects.live().filter(code="passport_expiry").exists()
    assert "여권 만료" in client.get("/sign-up/data-types/").content.decode()
