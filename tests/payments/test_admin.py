"""Administrators' pages about money: looked at on record, changed only with a reason, refunds by two people."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, Bill, Difference, Journal, LedgerEntry, Payment, Refund, Settlement
from payments.reconciliation.reconcile import reconcile
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm
from tests.payments.conftest import Far
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.present import present

pytestmark = pytest.mark.django_db
PAGES = ["bill", "quote", "payment", "settlement", "refund", "journal", "ledgerentry", "agencyposting",
         "providerevent", "reconcilerun", "difference"]  # fmt: skip
REASON = "asked for by telephone"


@pytest.fixture
def paid(far: Far) -> Payment:
    far.at(MORNING)
    alice, bill = alice_owes()
    return confirm(alice, begin(alice, bill), far.bank)


@pytest.fixture
def clerk(db: None) -> Client:
    return staff_client("clerk")


def page(model: str | None, row: Any, rest: str = "change/") -> str:
    return f"/admin/payments/{model}/{row.pk}/{rest}"


@pytest.mark.parametrize("model", PAGES)
def test_every_list_opens(clerk: Client, paid: Payment, model: Any) -> None:
    reconcile(day=MORNING.date(), now=MORNING)
    assert clerk.get(f"/admin/payments/{model}/").status_code == 200


def test_every_look_at_a_persons_money_is_on_record(clerk: Client, paid: Payment) -> None:
    rows = [paid, paid.bill, paid.quote, Settlement.objects.get(), Journal.objects.get(), AgencyPosting.objects.get()]
    for row in rows:
        assert clerk.get(page(row._meta.model_name, row)).status_code == 200
    looks = AuditEvent.objects.filter(action="looked at", citizen_id=paid.bill.citizen_id)
    assert set(looks.values_list("object", flat=True)) == {f"{row._meta.model_name}:{row.pk}" for row in rows}


def test_a_refund_is_requested_by_one_and_approved_by_another(clerk: Client, paid: Payment) -> None:
    fill_in(clerk, page("payment", paid, "step/refund/"), reason=REASON)
    refund = Refund.objects.get()
    assert (refund.amount, refund.requested_by) == (40000, User.objects.get(username="clerk"))
    fill_in(clerk, page("refund", refund, "step/approve/"), reason=REASON)
    refund.refresh_from_db()
    assert refund.state == "requested"
    fill_in(staff_client("chief"), page("refund", refund, "step/approve/"), reason=REASON)
    refund.refresh_from_db()
    assert (refund.state, present(refund.approved_by).username) == ("approved", "chief")


def test_a_part_is_asked_for_on_a_form_that_refuses_too_much(clerk: Client, paid: Payment) -> None:
    add = "/admin/payments/refund/add/"
    fill_in(clerk, add, payment=str(paid.pk), amount="50000", reason=REASON)
    assert not Refund.objects.exists()
    fill_in(clerk, add, payment=str(paid.pk), amount="5000", reason=REASON)
    assert Refund.objects.get().amount == 5000
    fill_in(clerk, page("refund", Refund.objects.get(), "step/reject/"), reason=REASON)
    assert Refund.objects.get().state == "rejected"


def test_what_an_agency_refused_is_reported_again_with_a_reason(far: Far, clerk: Client, paid: Payment) -> None:
    far.biller.faults["report"].append("refused")
    post_to_agencies(now=MORNING)
    posting = AgencyPosting.objects.get()
    fill_in(clerk, page("agencyposting", posting, "step/report/"), reason=REASON)
    posting.refresh_from_db()
    assert posting.state == "waiting"
    assert AuditEvent.objects.get(action="posting.told_again").reason == REASON


def test_a_difference_shows_its_remedy_and_is_resolved_with_a_reason(far: Far, clerk: Client, paid: Payment) -> None:
    reconcile(day=MORNING.date(), now=MORNING)
    difference = Difference.objects.get(kind="unposted")
    shown = clerk.get(page("difference", difference)).content.decode()
    assert "biller does not respond" in shown or "창구가 답하지" in shown
    fill_in(clerk, page("difference", difference, "step/resolve/"), reason=REASON)
    difference.refresh_from_db()
    assert (difference.resolved_by, difference.resolution) == (f"staff:{User.objects.get().pk}", REASON)
    unresolved = clerk.get("/admin/payments/difference/?resolved_at_empty=1").content.decode()
    assert page("difference", difference) not in unresolved


def test_a_payment_is_found_by_order_receipt_and_person(clerk: Client, paid: Payment) -> None:
    for text in (paid.order_id, paid.settlement.receipt_number, paid.vendor_id, str(paid.bill.citizen_id)):
        found = fill_in(clerk, "/admin/payments/payment/", text=text)
        assert paid.order_id in found.content.decode()


def test_a_person_can_have_the_provider_polled(clerk: Client, paid: Payment) -> None:
    fill_in(clerk, page("payment", paid, "step/poll/"), reason=REASON)
    paid.refresh_from_db()
    assert paid.ask_at is not None


def test_the_ledger_cannot_be_written_by_hand(clerk: Client, paid: Payment) -> None:
    for model in (Journal, LedgerEntry, Settlement, Payment, Bill):
        name, row = model._meta.model_name, present(model.objects.first())
        assert clerk.get(f"/admin/payments/{name}/add/").status_code == 403
        assert clerk.post(page(name, row, "delete/"), {"post": "yes"}).status_code == 403
        assert clerk.post(page(name, row), {"amount": "1"}).status_code in (403, 405)
        ticked = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        clerk.post(f"/admin/payments/{name}/", ticked)
        assert model.objects.filter(pk=row.pk).exists()
