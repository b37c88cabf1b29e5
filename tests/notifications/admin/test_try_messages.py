"""Test messages go to a telephone that its member of staff has proved by a code: marked, limited, on the trail."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from notifications.operations.try_message import filled_sample
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.models import DataTypeVersion, MessageTemplate
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
PHONE, ENGLISH = "010-0000-0042", {"accept-language": "en"}


@pytest.fixture(scope="module")
def draft(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Made once; each test is undone to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        version = draft_ninth_type(staff_client("alice"))
        yield f"/admin/try-messages/{version.split('/')[-3]}/"
        transaction.set_rollback(True)


@pytest.fixture
def alice(db: None) -> Client:
    return staff_client("alice")


def ask(client: Client, url: str, sandbox: SandboxProcess, phone: str = PHONE) -> str:
    """Type the number; return the code that came to it."""
    fill_in(client, url, action="try-messages/" + url.rsplit("/", 2)[1] + "/", phone=phone)
    found = re.search(r"\d{6}", sandbox.rows()[-1]["text"])
    assert found
    return found.group()


def prove(client: Client, url: str, sandbox: SandboxProcess) -> None:
    fill_in(client, url, code=ask(client, url, sandbox))


def row(channel: str, language: str = "ko") -> MessageTemplate:
    return MessageTemplate.objects.get(stage__code="d30", channel=channel, language=language)


def test_a_text_message_arrives_at_the_number_that_was_proved(
    draft: str, alice: Client, sandbox: SandboxProcess
) -> None:
    prove(alice, draft, sandbox)
    answer = fill_in(alice, draft, template=str(row("sms").pk))
    message = sandbox.rows()[-1]
    assert "[시험] [국민비서] 홍길동님, 여권이 2026. 6. 30.(화)에" in message["text"]
    assert "1000000042" in str(message)
    assert "010-****-0042" in answer.content.decode()
    event = AuditEvent.objects.get(action="test message sent")
    assert "passport_expiry v1" in event.object and event.reason == "d30 sms ko"
    assert "0042" not in f"{event.object} {event.reason}"


def test_nothing_goes_out_before_a_number_is_proved(draft: str, alice: Client, sandbox: SandboxProcess) -> None:
    alice.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    before = len(sandbox.rows())
    alice.post(draft, {"template": str(row("sms").pk)})
    assert len(sandbox.rows()) == before
    code = ask(alice, draft, sandbox)
    for wrong in range(6):
        alice.post(draft, {"code": f"{(int(code) + 1 + wrong) % 10**6:06d}"})
    alice.post(draft, {"code": code})  # used up by then
    alice.post(draft, {"template": str(row("sms").pk)})
    assert not AuditEvent.objects.filter(action="test message sent").exists()


def test_one_session_proves_nothing_for_another(draft: str, alice: Client, sandbox: SandboxProcess) -> None:
    prove(alice, draft, sandbox)
    assert 'name="template"' in alice.get(draft).content.decode()
    assert 'name="phone"' in staff_client("bob").get(draft).content.decode()


def test_other_channels_need_the_vendors_approval_and_carry_the_mark_in_the_name(
    draft: str, alice: Client, sandbox: SandboxProcess
) -> None:
    assert "[시험] 홍길동님, 여권이" in filled_sample(row("kakaotalk")).text
    assert filled_sample(row("kakaotalk")).values["이름"] == "[시험] 홍길동"
    prove(alice, draft, sandbox)
    sent = len(sandbox.rows())
    for channel in ("kakaotalk", "toss"):
        page = fill_in(alice, draft, template=str(row(channel).pk)).content.decode()
        assert 'id="error-summary"' in page and len(sandbox.rows()) == sent, channel


def test_codes_and_messages_are_limited(draft: str, alice: Client, sandbox: SandboxProcess, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "sample_sent_account": (1, 3600)}
    prove(alice, draft, sandbox)
    fill_in(alice, draft, template=str(row("sms").pk))
    sent = len(sandbox.rows())
    fill_in(alice, draft, template=str(row("sms").pk))
    assert len(sandbox.rows()) == sent


def test_who_only_reads_sends_nothing(draft: str) -> None:
    reader = staff_client("reader", roles.READER)
    assert reader.get(draft).status_code == 403
    assert DataTypeVersion.objects.exists()
