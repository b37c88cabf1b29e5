"""The agencies: an API to pull from, a signed push, files in a folder; and the people they know."""

import asyncio
import csv
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sandbox.agencies.book import Book
from sandbox.agencies.catalogue import data_types
from sandbox.agencies.push import NotAcknowledged, push_pending
from sandbox.populate import populate
from sandbox.state import credentials
from sandbox.state.people import NAMED, person, read
from tests.sandbox.receiver import Receiver
from tests.support.sandbox_process import ROOT, SandboxProcess

TODAY = date(2026, 11, 24)


def pull(sandbox: SandboxProcess, agency: str = "koroad", **query: object) -> requests.Response:
    values = {"serviceKey": credentials.DATA_GO_KR_SERVICE_KEY, "numOfRows": 1000, **query}
    return requests.get(f"{sandbox.url}/agencies/{agency}/records", params=values, timeout=60)  # type: ignore[arg-type]


def body_of(answer: requests.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()["response"]["body"]
    return body


def test_pages_in_json_hold_every_record_once(sandbox: SandboxProcess) -> None:
    whole = body_of(pull(sandbox, _type="json"))
    paged = [body_of(pull(sandbox, _type="json", numOfRows=3, pageNo=page))["items"] for page in (1, 2)]
    numbers = [item["changeNo"] for page in paged for item in page["item"]]
    assert numbers == [item["changeNo"] for item in whole["items"]["item"]][:6]
    assert whole["totalCount"] == len(whole["items"]["item"])


def test_a_single_item_is_no_list_and_no_items_are_an_empty_text(sandbox: SandboxProcess) -> None:
    total = body_of(pull(sandbox, _type="json"))["totalCount"]
    last = body_of(pull(sandbox, _type="json", changedAfter=total - 1))
    assert last["items"]["item"]["changeNo"] == total
    assert body_of(pull(sandbox, _type="json", changedAfter=total))["items"] == ""


def test_without_a_type_the_answer_is_xml(sandbox: SandboxProcess) -> None:
    root = ElementTree.fromstring(pull(sandbox, "kosaf").content)
    assert root.findtext("header/resultCode") == "00"
    assert {item.findtext("data_type") for item in root.iterfind("body/items/item")} == {"national_scholarship"}


@pytest.mark.parametrize(
    ("query", "code"), [({"serviceKey": "wrong"}, "30"), ({"pageNo": 0}, "10"), ({"numOfRows": 1001}, "10")]
)
def test_errors_come_as_xml_with_200(sandbox: SandboxProcess, query: dict[str, object], code: str) -> None:
    answer = pull(sandbox, **{"_type": "json", **query})  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert ElementTree.fromstring(answer.content).findtext("cmmMsgHeader/returnReasonCode") == code


def test_a_push_is_repeated_under_one_id_until_it_is_acknowledged(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.request("POST", "/control/agencies/knpa/records", [{"external_id": "X1"}, {"external_id": "X2"}])
    receiver.answers = [503]
    pushed = sandbox.request("POST", "/control/agencies/knpa/push", {})["pushed"]
    first, second = receiver.wait_for(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.headers["x-agency-key"] == credentials.AGENCY_PUSH_KEY_ID
    assert len(json.loads(second.body)["records"]) == pushed
    assert sandbox.request("POST", "/control/agencies/knpa/push", {})["pushed"] == 0


def test_a_push_that_is_refused_stays_pending(tmp_path: Path, receiver: Receiver) -> None:
    book = Book(tmp_path)
    book.add("knpa-push", [{"external_id": "X1"}])
    receiver.answers = [401]
    with pytest.raises(NotAcknowledged):
        asyncio.run(push_pending(book, receiver.url))
    assert book.pending_count("knpa-push") == 1
    book.close()


def test_no_signed_record_goes_to_a_server_of_another_start(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_TOKEN", "of-this-start")
    book = Book(tmp_path)
    book.add("knpa-push", [{"external_id": "X1"}])
    with pytest.raises(NotAcknowledged, match=f"another server answers at {receiver.url}"):
        asyncio.run(push_pending(book, receiver.url))
    assert book.pending_count("knpa-push") == 1
    assert receiver.received == []
    book.close()


def test_people_and_records_are_the_same_again_and_grow(tmp_path: Path) -> None:
    assert populate(tmp_path, 30, TODAY)["new_people"] == 30
    assert populate(tmp_path, 30, TODAY) == {"people": 30, "new_people": 0, "new_records": 0}
    assert populate(tmp_path, 50, TODAY)["new_people"] == 20
    populate(tmp_path / "again", 50, TODAY)
    people = [(tmp_path / part / "people.jsonl").read_text() for part in ("", "again")]
    assert people[0] == people[1]
    assert len(list(read(tmp_path / "people.jsonl"))) == 50


def test_the_sample_people_meet_every_data_type_and_channel(tmp_path: Path) -> None:
    populate(tmp_path, 10, TODAY)
    book = Book(tmp_path)
    feeds = {kind.feed for kind in data_types().values()}
    records = [record for feed in feeds for _, record in book.page(feed, after=0, offset=0, limit=100)]
    book.close()
    assert {record["data_type"] for record in records} == set(data_types())
    channels = {person(number).channels[0] for number in range(1, len(NAMED) + 1)}
    assert channels == {"sms", "kakaotalk", "naver", "toss"}


def test_about_four_in_a_hundred_are_not_reached_in_their_first_app() -> None:
    people = [person(number) for number in range(1, 5001)]
    unreached = sum(bool(each.handset) for each in people)
    assert 0.03 < unreached / len(people) < 0.05
    assert len({each.ci for each in people}) == len({each.phone for each in people}) == 5000
    assert {len(each.ci) for each in people} == {88}


def test_files_are_dropped_in_the_encodings_of_their_agencies(tmp_path: Path) -> None:
    populate(tmp_path, 200, TODAY)
    nhis = next((tmp_path / "drop" / "nhis-file").iterdir()).read_bytes().decode("cp949")
    assert {row["data_type"] for row in csv.DictReader(io.StringIO(nhis))} == {"health_checkup"}
    kdca = {path.suffix: path.read_bytes() for path in (tmp_path / "drop" / "kdca-file").iterdir()}
    assert kdca[".csv"].startswith("\ufeff".encode())
    assert json.loads(kdca[".jsonl"].splitlines()[0])["data_type"] == "vaccination"
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_command_line_prints_the_products_environment(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "credentials",
        "--data",
        str(tmp_path),
        "--port",
        "1",
        "--tls-port",
        "2",
    ]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    values = dict(line.split("=", 1) for line in printed.splitlines())
    assert values["TWILIO_BASE_URL"] == "http://127.0.0.1:1"
    assert Path(values["APPS_IN_TOSS_CERT"]).read_text().startswith("-----BEGIN CERTIFICATE")
