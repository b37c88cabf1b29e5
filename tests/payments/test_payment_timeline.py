"""A payment's page shows what happened to it, in order, to staff with the right to see it; and that is on record."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from notifications.models import Notice
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import Payment, ProviderEvent, Refund
from payments.refunds.carry_out_refund import carry_out_refunds
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.enrolment.merge import merge_into
from subscriptions.events import announce_merged
from subscriptions.models import CitizenKey
from tests.notifications.cast import MORNING, enrol
from tests.payments.cast import alice_owes, begin, confirm
from tests.payments.conftest import Far
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
REASON = "asked for by telephone"


@pytest.fixture
def paid(far: Far) -> Payment:
    """Paid, posted to the agency; the provider has sent an event about it."""
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    ProviderEvent.objects.create(
        provider="toss_payments", event_id="e-1", kind="PAYMENT_STATUS_CHANGED", payment=payment, received_at=later(1)
    )
    post_to_agencies(now=later(2))
    return payment


@pytest.fixture
def clerk(db: None) -> Client:
    return staff_client("clerk")


def later(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def address(payment: Payment, rest: str = "change/") -> str:
    return f"/admin/payments/payment/{payment.pk}/{rest}"


def shown(client: Client, payment: Payment, language: str = "en") -> list[str]:
    """The moments on the page, as text."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(address(payment)).content.decode()
    (section,) = re.findall(r'<ol class="timeline">(.*?)</ol>', page, re.S)
    items = re.findall(r"<li><time[^>]*>[^<]*</time>(.*?)</li>", section, re.S)
    return [re.sub(r"<[^>]+>", "", item) for item in items]


def test_a_payment_that_was_paid_posted_and_refunded_is_reported_in_order(
    clerk: Client, paid: Payment, far: Far
) -> None:
    refund = refunded(clerk, paid)
    moments = shown(clerk, paid)
    story = [
        "Payment started Toss Payments, ₩40,000",
        "Confirm request sent to the provider",
        "Captured by the provider ₩40,000",
        "Settled",
        "Booked in the ledger capture",
        "Event from Toss Payments PAYMENT_STATUS_CHANGED",
        "The agency acknowledged the posting paid, ₩40,000",
        f"Refund {refund.pk} was requested ₩40,000",
        f"Refund {refund.pk} was approved",
        f"Refund {refund.pk} was sent to the provider",
        f"Refund {refund.pk}: refunded",
        "Booked in the ledger refund",
        "To be posted to the agency refunded, ₩40,000",
    ]
    missing = [step for step in story if not any(moment.startswith(step) for moment in moments)]
    assert missing == [], moments
    assert not any(moment.startswith("Finished") for moment in moments)  # what it is now, it was not then
    at = [line["datetime"] for line in times(clerk, paid)]
    assert at == sorted(at)


def refunded(clerk: Client, payment: Payment) -> Refund:
    fill_in(clerk, address(payment, "step/refund/"), reason=REASON)
    refund = Refund.objects.get()
    fill_in(staff_client("chief"), f"/admin/payments/refund/{refund.pk}/step/approve/", reason=REASON)
    carry_out_refunds(now=later(3))
    return refund


def times(client: Client, payment: Payment) -> list[dict[str, str]]:
    page = client.get(address(payment)).content.decode()
    return [found.groupdict() for found in re.finditer(r'<time datetime="(?P<datetime>[^"]+)"', page)]


def test_who_may_read_the_audit_trail_sees_who_did_it_and_why(clerk: Client, paid: Payment) -> None:
    fill_in(clerk, address(paid, "step/poll/"), reason=REASON)
    who = User.objects.get(username="clerk").pk
    assert f"Audit trail: Outcome of a payment queried staff {who} {REASON}" in shown(clerk, paid)
    assert not any("looked at" in moment for moment in shown(clerk, paid))


def test_what_was_done_before_rows_of_the_person_were_merged_is_seen_after_it(clerk: Client, paid: Payment) -> None:
    fill_in(clerk, address(paid, "step/poll/"), reason="the first row")
    for number, reason in ((7, "the second row"), (8, "the third row")):
        former, own = Payment.objects.get().bill.citizen, enrol(number)
        CitizenKey.objects.filter(citizen=former).update(citizen=own)
        announce_merged(former_id=former.pk, citizen_id=own.pk, now=later(3))
        assert Payment.objects.get().bill.citizen == own
        fill_in(clerk, address(paid, "step/poll/"), reason=reason)
    moments = shown(clerk, paid)
    who = User.objects.get(username="clerk").pk
    for reason in ("the first row", "the second row", "the third row"):
        assert f"Audit trail: Outcome of a payment queried staff {who} {reason}" in moments
    assert "Audit trail: Payment begun citizen" in moments
    assert "Audit trail: Payment settled system" in moments


def test_a_merge_that_took_no_notice_along_hides_nothing(clerk: Client, paid: Payment) -> None:
    former, own = Payment.objects.get().bill.citizen, enrol(7)
    fill_in(clerk, address(paid, "step/poll/"), reason="the first row")
    Notice.objects.all().delete()
    merge_into(own, former, actor="citizen", now=later(3))
    assert Payment.objects.get().bill.citizen == own
    assert not AuditEvent.objects.filter(action="notices.moved").exists()
    assert any(moment.endswith("the first row") for moment in shown(clerk, paid))


def test_a_posting_that_was_tried_again_says_by_whom(far: Far, clerk: Client) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    far.biller.faults["report"].append("refused")
    post_to_agencies(now=later(1))
    fill_in(clerk, f"/admin/payments/agencyposting/{payment.postings.get().pk}/step/report/", reason=REASON)
    moments = shown(clerk, payment)
    again = rf"Audit trail: Agency notified of a payment again staff \d+ {REASON}"
    assert any(re.fullmatch(again, moment) for moment in moments)
    assert "Next posting to the agency attempted 0 times" in moments


def test_who_may_not_read_it_sees_none_of_its_lines(paid: Payment) -> None:
    moments = shown(staff_client("telephone", roles.CALL_CENTRE), paid)
    assert any(moment.startswith("Settled") for moment in moments)
    assert not any("Audit trail" in moment for moment in moments)


def test_an_unknown_payment_says_when_the_provider_is_polled(clerk: Client, far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    payment = confirm(alice, begin(alice, bill), far.bank)
    assert any(moment.startswith("Next poll of the provider") for moment in shown(clerk, payment))


def test_it_is_written_in_korean(clerk: Client, paid: Payment) -> None:
    moments = shown(clerk, paid, "ko")
    assert "납부가 시작됨 토스페이먼츠, ₩40,000" in moments
    assert not any(re.search(r"\b(?:was|The|Next|Booked)\b", moment) for moment in moments)


def test_each_look_at_it_is_on_record(clerk: Client, paid: Payment) -> None:
    shown(clerk, paid)
    looked: Any = AuditEvent.objects.get(action="looked at")
    assert (looked.citizen_id, looked.object) == (paid.bill.citizen_id, f"payment:{paid.pk}")
