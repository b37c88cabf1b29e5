"""Three ways: the providers' files, our ledger, the agency's list. Every difference has a name and a remedy."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.billers.contract import PostedLine
from payments.checkout.poll_payments import poll_payments
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, Difference, Payment, ReconcileRun
from payments.providers.contract import SettlementLine
from payments.reconciliation.reconcile import reconcile, reconcile_due, resolve_difference
from payments.reconciliation.remedies import KINDS, REMEDIES
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, owe
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
TODAY, NEXT_MORNING = MORNING.date(), MORNING + timedelta(days=1)


@pytest.fixture
def paid(far: Far) -> Payment:
    """One fine that was paid, and posted to the agency."""
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    post_to_agencies(now=MORNING)
    return payment


def differences() -> list[tuple[str, str, int | None, int | None]]:
    reconcile(day=TODAY, now=NEXT_MORNING)
    rows = Difference.objects.filter(resolved_at=None).order_by("pk")
    return list(rows.values_list("kind", "where", "ours", "theirs"))


def test_a_day_on_which_all_agree(paid: Payment) -> None:
    assert differences() == []
    run = ReconcileRun.objects.get()
    assert run.complete
    assert run.provider_total == run.ledger_total == run.due_to_agencies == run.agency_total == 40000
    assert not Alarm.objects.filter(kind="reconcile").exists()


@pytest.mark.parametrize("has_files", [True, False], ids=["by file", "order by order"])
def test_a_day_with_a_refund_of_ours_agrees(far: Far, paid: Payment, has_files: bool) -> None:
    first, second = (User.objects.create_user(name) for name in ("first", "second"))
    refund = request_refund(payment_id=paid.pk, amount=10000, requested_by=first, reason="paid twice", now=MORNING)
    approve_refund(refund_id=refund.pk, approved_by=second, reason="I saw it too", now=MORNING)
    carry_out_refunds(now=MORNING)
    post_to_agencies(now=MORNING)
    if not has_files:
        far.bank.faults["settlements"].append("not_published")
    assert differences() == []
    run = ReconcileRun.objects.get()
    assert run.complete and run.provider_total == run.ledger_total == run.agency_total == 30000


def test_money_that_only_the_provider_knows_of_is_polled_and_heals(far: Far, paid: Payment) -> None:
    alice = paid.bill.citizen
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, owe(alice)), far.bank)
    assert differences() == [("taken_unknown_here", "provider:toss_payments", None, 40000)]
    assert Alarm.objects.filter(kind="reconcile", subject=str(TODAY)).exists()
    poll_payments(now=NEXT_MORNING)  # reconciliation has made it due
    post_to_agencies(now=NEXT_MORNING)
    assert differences() == []
    healed = Difference.objects.get()
    assert (healed.resolved_by, healed.resolution) == ("reconcile", "gone by itself")


def test_an_order_that_is_not_ours_is_named(far: Far, paid: Payment) -> None:
    account = far.bank.accounts[paid.order_id]
    account.lines.append(SettlementLine("other-1", "v", 5000, MORNING))
    assert differences() == [("taken_unknown_here", "provider:toss_payments", None, 5000)]
    assert Difference.objects.get().payment is None


def test_what_the_providers_file_lacks_or_has_otherwise_is_named(far: Far, paid: Payment) -> None:
    lines = far.bank.accounts[paid.order_id].lines
    line = lines.pop()
    assert differences() == [("missing_at_provider", "provider:toss_payments", 40000, None)]
    lines.append(SettlementLine(line.order_id, line.vendor_id, 39000, MORNING))
    assert differences() == [("provider_amount", "provider:toss_payments", 40000, 39000)]


def test_a_refund_at_the_providers_console_is_named(far: Far, paid: Payment) -> None:
    lines = far.bank.accounts[paid.order_id].lines
    lines.append(SettlementLine(paid.order_id, "v", -10000, MORNING))
    assert differences() == [("given_back_unknown_here", "provider:toss_payments", None, -10000)]


def test_a_payment_that_was_learnt_of_after_midnight_is_no_difference(far: Far, paid: Payment) -> None:
    lines = far.bank.accounts[paid.order_id].lines
    line = lines.pop()
    lines.append(SettlementLine(line.order_id, line.vendor_id, line.amount, NEXT_MORNING))
    assert differences() == []


def test_a_provider_without_files_is_polled_for_every_order(far: Far, paid: Payment) -> None:
    far.bank.faults["settlements"].append("not_published")
    assert differences() == []
    assert ReconcileRun.objects.get().provider_total == 40000
    far.bank.accounts[paid.order_id].refunded = 10000
    far.bank.faults["settlements"].append("not_published")
    assert differences() == [("given_back_unknown_here", "provider:toss_payments", None, -10000)]
    far.bank.faults["settlements"].append("not_published")
    far.bank.faults["poll"].append("silent")
    differences()
    assert not ReconcileRun.objects.get().complete


def test_what_the_agency_does_not_have_is_named(far: Far, paid: Payment) -> None:
    line = far.biller.posted_lines.pop(AgencyPosting.objects.get().posting_id)
    assert differences() == [("missing_at_agency", "agency:knpa", 40000, None)]
    far.biller.posted_lines["x"] = PostedLine(line.posting_id, line.external_id, 4000, MORNING)
    far.biller.posted_lines["y"] = PostedLine("never-posted", line.external_id, 100, MORNING)
    assert differences() == [
        ("agency_amount", "agency:knpa", 40000, 4000),
        ("unknown_posting", "agency:knpa", None, 100),
    ]


def test_paid_here_and_unposted_there_is_named(far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    assert differences() == [("unposted", "agency:knpa", 40000, None)]
    AgencyPosting.objects.update(next_at=Now())
    post_to_agencies(now=NEXT_MORNING)
    far.at(NEXT_MORNING)
    assert differences() == []


def test_running_it_again_changes_nothing(far: Far, paid: Payment) -> None:
    far.bank.accounts[paid.order_id].lines.clear()
    first = differences()
    assert (first, Difference.objects.count(), ReconcileRun.objects.count()) == (differences(), 1, 1)


def test_what_a_person_resolved_stays_resolved_and_what_went_by_itself_comes_back(far: Far, paid: Payment) -> None:
    lines = far.bank.accounts[paid.order_id].lines
    kept = list(lines)
    lines.clear()
    differences()
    lines.extend(kept)
    assert differences() == []
    lines.clear()
    assert len(differences()) == 1
    found = Difference.objects.get()
    assert resolve_difference(difference_id=found.pk, actor="staff:1", reason="their file was short", now=NEXT_MORNING)
    assert not resolve_difference(difference_id=found.pk, actor="staff:2", reason="late", now=NEXT_MORNING)
    assert differences() == []
    found.refresh_from_db()
    assert (found.resolved_by, found.resolution) == ("staff:1", "their file was short")


def test_a_party_that_does_not_answer_leaves_the_day_incomplete_and_resolves_nothing(far: Far, paid: Payment) -> None:
    far.bank.accounts[paid.order_id].lines.clear()
    assert len(differences()) == 1
    far.bank.faults["settlements"].extend(["down"] * 3)
    far.biller.faults["posted"].append("down")
    assert len(differences()) == 1
    assert not ReconcileRun.objects.get().complete


def test_yesterday_is_due_in_the_morning_until_it_is_complete(far: Far, paid: Payment) -> None:
    before, after = MORNING + timedelta(hours=20), MORNING + timedelta(hours=22)  # 06:00 and 08:00 in Seoul
    assert reconcile_due(now=before) == 0
    far.biller.faults["posted"].append("down")
    assert reconcile_due(now=after) == 1
    assert reconcile_due(now=after) == 1
    assert ReconcileRun.objects.get().complete
    assert reconcile_due(now=after) == 0
    assert reconcile_due(now=after + timedelta(days=2)) == 2  # two days were missed


def test_the_command_prints_the_day_and_its_remedies(far: Far, paid: Payment) -> None:
    far.bank.accounts[paid.order_id].lines.clear()
    out = io.StringIO()
    call_command("reconcile", "--date", str(TODAY), "--json", stdout=out)
    reported = json.loads(out.getvalue())
    assert (reported["ledger"], reported["providers"], reported["agencies"], reported["open"]) == (40000, 0, 40000, 1)
    assert reported["differences"][0]["remedy"]
    out = io.StringIO()
    call_command("reconcile", "--date", str(TODAY), stdout=out)
    assert "OPEN" in out.getvalue() and str(REMEDIES["missing_at_provider"]) in out.getvalue()


@pytest.mark.parametrize("day", ["2026-02-30", "2999-01-01"])
def test_a_day_that_does_not_exist_or_has_not_come_is_refused(day: Any) -> None:
    with pytest.raises(CommandError, match="day"):
        call_command("reconcile", "--date", day)


def test_every_kind_has_its_words_and_its_remedy() -> None:
    assert set(KINDS) == set(REMEDIES)
