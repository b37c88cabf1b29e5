"""An agency's machine reads what came of its batches, by the keys it signs with; the description keeps its word."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from notifications.intake.api_description import EXAMPLES
from notifications.models import AgencyKey, FeedRun
from secretary.kernel.http.standard_webhooks import secret_bytes, sign
from subscriptions.models import DataTypeVersion
from tests.notifications.agencies.test_agency_pages import police as police
from tests.notifications.cast import make_feed, record
from tests.notifications.intake.test_push import push

pytestmark = pytest.mark.django_db
BASE = "/api/agencies/v1"
KEY = "knpa"


def read(client: Client, path: str, *, key: str = KEY, at: datetime | None = None, signed: str = "") -> Any:
    secret = secret_bytes(AgencyKey.objects.get(key_id=key).secret)
    line = f"GET {signed or BASE + path}".encode()
    return client.get(
        f"{BASE}{path}", headers={**sign("r-1", at or datetime.now(UTC), line, secret), "x-agency-key": key}
    )


@pytest.mark.usefixtures("police")
def test_an_agency_reads_its_own_batches_and_no_other(client: Client) -> None:
    key = AgencyKey.objects.get(key_id=KEY)
    push(client, key, {"records": [record(1), record(2, external_id="F-9", version=0)]}, message_id="m-7")
    listed = read(client, "/batches").json()
    [batch] = listed["batches"]
    assert (batch["webhook_id"], batch["read"], batch["new"], batch["refused"], listed["next"]) == (
        "m-7",
        2,
        1,
        1,
        None,
    )
    assert batch["received_at"].endswith("+09:00")
    assert read(client, "/batches?webhook_id=m-7").json()["batches"] == [batch]
    for no_id in ("%00", "a%00b", "%FF", "x" * 200):
        assert read(client, f"/batches?webhook_id={no_id}").json()["batches"] == []
    one = read(client, f"/batches/{batch['number']}").json()
    assert (one["outcome"]["records"], one["outcome"]["delivered"], one["outcome"]["paid"]) == (1, None, 0)
    [line] = read(client, f"/batches/{batch['number']}/refused").json()["refused_lines"]
    assert (line["line"], line["field"], line["external_id"]) == (2, "version", "F-9")
    assert set(line["cure"]) == {"en", "ko"}
    for path in (f"/batches/{batch['number']}", f"/batches/{batch['number']}/refused"):
        assert read(client, path, key="koroad").status_code == 404
    assert "m-7" not in read(client, "/batches", key="koroad").content.decode()


@pytest.mark.usefixtures("police")
def test_the_signature_is_over_the_very_request_and_its_time(client: Client) -> None:
    assert read(client, "/batches?before=5", signed=f"{BASE}/batches").status_code == 401
    assert client.get(f"{BASE}/batches").status_code == 401
    late = read(client, "/batches", at=datetime.now(UTC) - timedelta(minutes=6))
    assert (late.status_code, late.json()["code"]) == (400, "too_old")
    assert late.json()["now"].endswith("+09:00")
    ours = client.get(f"{BASE}/time").json()
    assert datetime.fromisoformat(ours["now"]).timestamp() == ours["seconds"]
    assert ours["tolerance_seconds"] == 300


@pytest.mark.usefixtures("police")
def test_both_keys_are_accepted_while_they_overlap_and_use_is_noted(client: Client, police: Any) -> None:
    key, now = AgencyKey.objects.get(key_id=KEY), datetime.now(UTC)
    assert read(client, "/batches").status_code == 200
    key.refresh_from_db()
    assert key.last_used_at is not None
    AgencyKey.objects.filter(pk=key.pk).update(ends_at=now + timedelta(minutes=1))
    assert push(client, key, {"records": [record(1)]}).status_code == 200
    AgencyKey.objects.filter(pk=key.pk).update(ends_at=now - timedelta(minutes=1))
    assert push(client, key, {"records": [record(1)]}, message_id="m-2").status_code == 401
    assert read(client, "/batches").status_code == 401


def test_each_example_of_the_description_gets_the_answer_that_it_states(client: Client) -> None:
    call_command("load_catalogue")
    for version in DataTypeVersion.objects.filter(data_type__code="traffic_fine"):
        version.data_type.live_version = version
        version.data_type.save()
    key = AgencyKey(feed=make_feed(), key_id=KEY)
    key.secret = "whsec_" + "A" * 32
    key.save()
    published = client.get(f"{BASE}/openapi.json").json()
    body = published["paths"][f"{BASE}/records"]["post"]["requestBody"]["content"]["application/json"]
    assert body["examples"] == EXAMPLES
    wrong = []
    for name, example in body["examples"].items():
        answer = push(client, key, example["value"], message_id=name)
        stated = example["x-answer"]
        got = {**answer.json(), "status": answer.status_code}
        lines = [{key: line[key] for key in ("line", "reason", "detail")} for line in got.get("refused_lines", [])]
        got |= {"refused_lines": lines}
        if {key: got.get(key) for key in stated} != stated:
            wrong.append((name, stated, got))
    assert not wrong
    assert FeedRun.objects.count() == len(EXAMPLES)
