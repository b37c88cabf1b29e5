"""The phone page: what it is fed with, live."""

import json
import urllib.request

from tests.sandbox.callers import nhn, recipient, twilio
from tests.sandbox.receiver import wait_until
from tests.support.sandbox_process import SandboxProcess


def test_a_phone_shows_what_was_delivered_and_nothing_else(sandbox: SandboxProcess) -> None:
    nhn(sandbox, recipient("01000000002"))
    sandbox.handset("2", blocked=["kakaotalk"])
    nhn(sandbox, recipient("01000000002"))
    twilio(sandbox, To="+821000000002", Body="문자입니다.")
    wait_until(lambda: len(sandbox.request("GET", "/phone/api/2")["messages"]) == 2)
    messages = sandbox.request("GET", "/phone/api/01000000002")["messages"]
    assert [(each["channel"], each["text"]) for each in messages] == [
        ("kakaotalk", "홍길동님, 32,000원 안내입니다."),
        ("sms", "문자입니다."),
    ]


def test_an_open_page_is_notified_of_each_new_message(sandbox: SandboxProcess) -> None:
    sandbox.handset("3", blocked=["kakaotalk"])
    with urllib.request.urlopen(f"{sandbox.url}/phone/api/3/events", timeout=60) as stream:
        nhn(sandbox, recipient("01000000003"))
        twilio(sandbox, To="+821000000003", Body="새 문자입니다.")
        lines = [stream.readline().decode() for _ in range(2)]
    assert lines[0].startswith("id: ")
    assert json.loads(lines[1].removeprefix("data: "))["text"] == "새 문자입니다."


def test_people_are_found_by_name_and_by_number(sandbox: SandboxProcess) -> None:
    all_people = sandbox.request("GET", "/phone/api/people")
    assert (len(all_people["people"]), all_people["total"]) == (10, 20)
    found = sandbox.request("GET", "/phone/api/people?q=0000-0005")["people"]
    assert [each["name"] for each in found] == ["최어르신"]
    assert sandbox.request("GET", "/phone/api/people?q=none")["people"] == []


def test_the_pages_name_no_address_outside(sandbox: SandboxProcess) -> None:
    for path in ("/phone/", "/phone/1", "/phone/static/phone.js", "/phone/static/phone.css", "/phone/static/apps.css"):
        with urllib.request.urlopen(sandbox.url + path, timeout=60) as page:
            assert b"://" not in page.read()
