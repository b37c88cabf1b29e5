"""A callback only triggers a poll. Early, thrice, forged or about another order: one charge, one settlement."""

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from payments.checkout.poll_payments import poll_payments
from payments.models import EventCount, Payment, ProviderEvent, Settlement
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db
URL = "/webhooks/payments/toss_payments/"


def call(body: str, *, signature: str = "good", url: str = URL) -> int:
    headers = {"x-bank-signature": signature}
    return Client().post(url, body, content_type="text/plain", headers=headers).status_code


def test_a_callback_before_our_commit_settles_once(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)

    def overtake() -> None:
        """The bank has captured the money and calls; a worker polls; only then do we get our answer."""
        far.bank.capture_unseen(payment.order_id)
        assert call(f"e1:{payment.order_id}") == 200
        poll_payments(now=MORNING)
        assert states() == ["paid"]

    far.bank.at_confirm = overtake
    assert confirm(alice, payment, far.bank).state == "paid"
    assert (Settlement.objects.count(), far.bank.total()) == (1, 40000)


def test_a_lost_answer_is_found_at_once_when_the_provider_calls(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    payment = confirm(alice, begin(alice, bill), far.bank)
    assert poll_payments(now=MORNING) == 0  # its first pause runs
    assert call(f"e1:{payment.order_id}") == 200
    assert poll_payments(now=MORNING) == 1
    assert states() == ["paid"]


def test_an_event_of_another_runs_sandbox_is_none(far: Far, settings: Any) -> None:
    settings.RUN_TOKEN = "this-run"
    payment = begin(*alice_owes())
    for theirs, answer in (("a-run-of-before", 401), ("this-run", 200)):
        headers = {"x-bank-signature": "good", "x-run": theirs}
        reported = Client().post(URL, f"{theirs}:{payment.order_id}", content_type="text/plain", headers=headers)
        assert reported.status_code == answer
    assert ProviderEvent.objects.get().event_id == "this-run"


def test_three_times_is_once(far: Far) -> None:
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    assert [call(f"e1:{payment.order_id}") for _ in range(3)] == [200] * 3
    assert ProviderEvent.objects.get().payment == payment
    assert (poll_payments(now=MORNING), poll_payments(now=MORNING)) == (1, 0)
    assert call(f"e1:{payment.order_id}") == 200  # replayed much later: no second poll
    assert poll_payments(now=MORNING) == 0
    assert Settlement.objects.count() == 1


def test_what_a_callback_says_settles_nothing(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    assert call(f"PAID:{payment.order_id}") == 200
    poll_payments(now=MORNING)
    assert (states(), Settlement.objects.count()) == (["opened"], 0)


def test_a_forged_callback_is_refused_and_leaves_no_trace(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    assert call(f"e1:{payment.order_id}", signature="bad") == 401
    assert not ProviderEvent.objects.exists()
    assert poll_payments(now=MORNING) == 0


def test_callbacks_about_unknown_orders_are_counted_and_not_kept(far: Far, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    assert [call(f"e{number}:another-order") for number in range(30)] == [200] * 30
    assert not ProviderEvent.objects.exists()
    assert list(EventCount.objects.values_list("provider", "kind", "times")) == [("toss_payments", "unknown_order", 30)]
    assert poll_payments(now=MORNING) == 0


def test_a_flood_of_callbacks_about_ones_own_order_makes_us_poll_twice(far: Far, settings: Any) -> None:
    """At once, and once more when the pause is over: the order of the last of them is polled."""
    settings.PAYMENT_EVENT_SECONDS = 300  # longer than the flood takes on any machine
    settings.PAYMENT_POLL_SECONDS = settings.PAYMENT_POLL_MAX_SECONDS = 900  # of a question that no event caused
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    asked = 0
    for number in range(30):
        assert call(f"flood-{number}:{payment.order_id}") == 200
        asked += poll_payments(now=MORNING)
    assert (asked, far.bank.calls.count("poll"), ProviderEvent.objects.count()) == (1, 1, 2)
    assert EventCount.objects.get(kind="folded").times == 28
    waits = Payment.objects.annotate(clock=Now()).get()
    assert 0 < (present(waits.ask_at) - waits.clock).total_seconds() <= 300
    far.bank.capture_unseen(payment.order_id)
    Payment.objects.update(ask_at=Now(), heard_at=Now())  # the pause is over
    assert (poll_payments(now=MORNING), states()) == (1, ["paid"])


def test_a_callback_that_comes_while_its_provider_answers_leads_to_a_poll(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is older than the event: that it knows nothing new must not end the question."""
    alice, bill = alice_owes()
    payment = confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(ask_at=Now())
    answer = far.bank.poll

    def overtaken(**order: str) -> object:
        reported = answer(**order)
        assert call(f"e1:{payment.order_id}") == 200
        return reported

    monkeypatch.setattr(far.bank, "poll", overtaken)
    assert poll_payments(now=MORNING) == 1
    monkeypatch.setattr(far.bank, "poll", answer)
    assert (poll_payments(now=MORNING), poll_payments(now=MORNING)) == (1, 0)


def test_a_later_question_for_another_reason_does_not_swallow_an_event(far: Far) -> None:
    """Folded into a question that is to come; another one comes first and puts the next one far off."""
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    payment = confirm(alice, begin(alice, bill), far.bank)
    for number in range(2):
        assert call(f"e{number}:{payment.order_id}") == 200
    far.bank.faults["poll"].extend(["silent"] * 5)
    Payment.objects.update(asked=9, ask_at=Now())
    poll_payments(now=MORNING)  # the next one in 15 minutes
    assert call(f"e3:{payment.order_id}") == 200
    waits = Payment.objects.annotate(clock=Now()).get()
    assert (present(waits.ask_at) - waits.clock).total_seconds() <= 30


def test_a_callback_of_one_provider_touches_no_payment_of_another(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    assert call(f"e1:{payment.order_id}", url="/webhooks/payments/kakaopay/") == 200
    assert Payment.objects.filter(asked__gt=0).count() == poll_payments(now=MORNING) == 0


@pytest.mark.parametrize(("body", "status"), [(":", 400), ("x" * 70_000, 413)])
def test_what_cannot_be_read_is_refused(far: Far, body: Any, status: Any) -> None:
    assert call(body) == status
    assert not ProviderEvent.objects.exists()


def test_unknown_providers_and_other_methods_have_an_answer(far: Far) -> None:
    assert call("e1:x", url="/webhooks/payments/unknown/") == 404
    assert Client().get(URL).status_code == 405
