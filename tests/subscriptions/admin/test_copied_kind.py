"""A copied data type goes live with texts that name the other only once its approver has said so."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.admin.editor import steps
from subscriptions.data_types.drafts import Refused
from subscriptions.data_types.publish import approve as publish_approved
from subscriptions.models import Agency, DataType, DataTypeVersion, MessageTemplate
from tests.notifications.cast import MORNING
from tests.subscriptions.admin.ninth_type import approve, create_ninth_type, staff, staff_client
from tests.support.browser_forms import fill_in
from tests.support.prepared_database import kept_for_a_file

pytestmark = pytest.mark.django_db
CONFIRMED = "version copies confirmed"


@pytest.fixture
def author(db: None) -> Client:
    return staff_client("alice")


@pytest.fixture
def approver(db: None) -> Client:
    return staff_client("bob")


@pytest.fixture(scope="module")
def copy(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of `copied`, once for all tests of this file."""
    made: list[str] = []
    with kept_for_a_file(lambda: made.append(copied()), blocker=django_db_blocker):
        yield made[0]


def copied() -> str:
    """A draft that began as a copy of “여권 만료”, whose name the texts of one stage have as their titles."""
    author, approver = staff_client("alice"), staff_client("bob")
    kind = create_ninth_type(author, approver)
    MessageTemplate.objects.filter(stage__version=kind.live_version, stage__code="d30").update(title="안내")
    other = Agency.objects.create(code="nts", name_ko="국세청", name_en="Tax Service", phone="126")
    made = fill_in(
        author,
        "/admin/subscriptions/datatype/add/",
        code="tax_return",
        agency=str(other.pk),
        group="tax",
        name_ko="세금 신고",
        name_en="Tax return",
        like=str(kind.pk),
    )
    version = str(made.redirect_chain[-1][0]).replace("write/", "change/")
    fill_in(author, version, action="submit/")
    return version


def draft() -> DataTypeVersion:
    return DataTypeVersion.objects.get(data_type__code="tax_return")


def text(client: Client, version: str) -> str:
    page = client.get(version.replace("change/", "review/")).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_approver_reads_where_each_unchanged_text_comes_from(copy: str, approver: Client) -> None:
    seen = text(approver, copy)
    plain, named = "“여권 만료”에서 고치지 않고 복사한 문구입니다.", "복사한 문구이며, 그 이름이나 기관이 들어 있습니다"
    assert (seen.count(plain), seen.count(named)) == (2, 2)  # a stage each, in two languages; channels share a text
    assert "글 10개가 “여권 만료”에서" in seen  # with two parts of the consent
    assert "“여권 만료”에서 고치지 않고 복사한 부분이 있으며, 그 이름이나 기관이 들어 있습니다" in seen


def test_a_text_that_was_rewritten_is_no_copy_any_more(copy: str, author: Client, approver: Client) -> None:
    DataTypeVersion.objects.filter(pk=draft().pk).update(state="draft")
    MessageTemplate.objects.filter(stage__version=draft()).update(body="세금 신고 안내입니다. #{확인코드}")
    assert "복사한 문구" not in text(approver, copy)


def test_it_goes_live_only_after_a_confirmation_which_is_on_the_trail(copy: str, approver: Client) -> None:
    approve(approver, copy)
    assert draft().state == "review"
    answer = approve(approver, copy, seen=draft().digest, copies="on")
    assert draft().state == "live", answer.content.decode()[-3000:]
    assert DataType.objects.get(code="tax_return").live_version == draft()
    assert AuditEvent.objects.get(action=CONFIRMED).reason == "10"


def test_the_server_checks_it_whatever_the_page_sends(copy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        publish_approved(version=draft(), by=staff("bob"), now=MORNING)
    plain: Any = steps.DecisionForm
    monkeypatch.setattr(steps, "decision_form", lambda _version, data=None: plain(data))
    approve(staff_client("bob"), copy)
    assert draft().state == "review" and not AuditEvent.objects.filter(action=CONFIRMED).exists()
