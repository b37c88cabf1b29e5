"""Test that the editor's forms refuse hostile input, and never answer 500."""

from typing import Any

import pytest
from django.test import Client

from subscriptions.models import DataType, DataTypeVersion
from tests.subscriptions.admin.ninth_type import BODY_KO, CODE
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db

FIELD = {
    "name": "fee",
    "type": "won",
    "placeholder": "수수료",
    "label_ko": "수수료",
    "label_en": "Fee",
    "sample": "1000",
}
BAD_FIELDS: list[dict[str, Any]] = [
    {"name": "Fee; DROP TABLE"},
    {"name": "fee\0"},
    {"name": "expires_on"},
    {"placeholder": "만료일"},
    {"placeholder": "이름"},
    {"placeholder": "수수료}{"},
    {"placeholder": "수\u200b수료"},
    {"sample": "천 원"},
    {"sample": "99999999999999"},
    {"sample": ""},
    {"dated": "on"},
    {"max_length": "99999999999999999999"},
    {"type": "blob"},
    {"type": "choice", "choices": "a = 가"},
    {"type": "choice", "choices": ""},
    {"type": "date", "sample": "2026-02-30"},
]
STAGE = {"code": "late", "label_ko": "지남", "label_en": "Late", "on": "opened"}
BAD_STAGES: list[dict[str, Any]] = [
    {"code": "d30"},
    {"code": "a" * 31},
    {"on": "date"},
    {"on": "date", "field": "nowhere"},
    {"on": "event"},
    {"on": "changed"},
    {"at": "25:00"},
    {"days": "-401"},
    {"states": []},
    {"late": "day"},
    {"late": "event", "late_field": "expires_on"},
]
BAD_BODIES = [
    BODY_KO + " \0",
    BODY_KO + " 😀",
    BODY_KO + " <b>",
    BODY_KO + " #{이름",
    "x" * 100_000,
]


def refused(answer: Any, what: object) -> None:
    assert answer.status_code == 200, what
    assert not answer.redirect_chain, what
    assert 'role="alert"' in answer.content.decode(), what


def test_bad_parts_are_refused_with_a_reason_and_change_nothing(draft: str, alice: Client) -> None:
    base = draft.removesuffix("change/")
    before = DataTypeVersion.objects.get().digest
    for bad in BAD_FIELDS:
        refused(fill_in(alice, f"{base}fields/add/", **(FIELD | bad)), bad)
    for bad in BAD_STAGES:
        refused(fill_in(alice, f"{base}stages/add/", **(STAGE | bad)), bad)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    for body in BAD_BODIES:
        refused(fill_in(alice, f"{base}stages/{stage.pk}/templates/sms/ko/", body=body), body[:80])
    assert DataTypeVersion.objects.get().digest == before


def test_invisible_characters_are_dropped(draft: str, alice: Client) -> None:
    base = draft.removesuffix("change/")
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    fill_in(alice, f"{base}stages/{stage.pk}/templates/sms/ko/", body=BODY_KO + " \u202e\u200b")
    assert stage.templates.get(channel="sms", language="ko").body == BODY_KO


def test_addresses_that_lead_nowhere_are_not_found(draft: str, alice: Client) -> None:
    base = draft.removesuffix("change/")
    for path in ("fields/nothing/", f"stages/{10**30}/", "stages/1/templates/pigeon/ko/", "differences/0/", "submit/"):
        assert alice.get(f"{base}{path}").status_code == 404, path
    assert alice.get(f"/admin/subscriptions/datatypeversion/{10**30}/change/").status_code == 404
    assert alice.get("/admin/subscriptions/datatypeversion/x/change/").status_code == 404


@pytest.mark.parametrize("code", ["service", "Passport", "a" * 41, "pass\0port", ""])
def test_a_bad_code_makes_no_data_type(alice: Client, code: str) -> None:
    refused(fill_in(alice, "/admin/subscriptions/datatype/add/", code=code, name_ko="여권", name_en="Passport"), code)
    assert not DataType.objects.exclude(code=CODE).exists()
