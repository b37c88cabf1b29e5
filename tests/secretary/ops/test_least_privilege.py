"""Production refuses a database role that could change the audit trail."""

from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.test import Client

from secretary.ops import rights

pytestmark = pytest.mark.django_db


def test_the_applications_own_role_passes() -> None:
    assert (rights.powers(), rights.probe()) == ([], "ok")


def test_the_owner_is_refused_with_reasons_and_a_remedy(settings: Any) -> None:
    settings.ENVIRONMENT, settings.DATABASE_APPLICATION_ROLE = "production", "owner"
    found = [each for each in run_checks(tags=[Tags.database], databases=["default"]) if each.id == "secretary.E040"]
    assert len(found) == len(rights.WORDS)
    assert all("DATABASE_OWNER_URL" in (each.hint or "") for each in found)


@pytest.mark.urls("secretary.ops.urls")
def test_a_production_machine_is_not_ready_as_the_owner(client: Client, settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    assert client.get("/readyz").json()["parts"]["role"] == "ok"
    settings.DATABASE_APPLICATION_ROLE = "owner"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["role"]) == (503, "too powerful")
