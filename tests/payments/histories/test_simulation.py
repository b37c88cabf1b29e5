"""The books agree to the won after everything that can go wrong has gone wrong at random, with a fixed seed."""

import pytest

from payments.models import Payment, Refund, Settlement
from tests.payments.conftest import Far
from tests.payments.histories.simulation import simulate

pytestmark = pytest.mark.django_db


def refunded() -> tuple[int, int]:
    """Payments that went back before they were settled, and give-backs of the provider's that our books have."""
    before = Payment.objects.filter(state="reversed").count()
    return before, Refund.objects.filter(outside=True, state="done").count()


def test_eighty_payments_with_random_faults_balance_to_the_won(far: Far) -> None:
    world = simulate(far, fines=100, seed=20260310)
    assert Payment.objects.count() > 80 and world.broken
    assert {"not_booked", "sibling"} & set(Payment.objects.values_list("reason", flat=True))
    assert Settlement.objects.filter(surplus=True).count() > 1  # the faults were there
    assert world.behind > 3 and sum(refunded())  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # in one transaction dead rows stay, and each look-up wades through them
def test_a_thousand_payments_with_random_faults_balance_to_the_won(far: Far) -> None:
    simulate(far, fines=1100, seed=20260310)
    assert Payment.objects.count() > 1000
    assert Settlement.objects.filter(surplus=True).count() > 10
    assert min(refunded()) > 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # in one transaction dead rows stay, and each look-up wades through them
def test_ten_thousand_payments_with_random_faults_balance_to_the_won(far: Far) -> None:
    world = simulate(far, fines=11000, seed=17)
    assert Payment.objects.count() > 10_000
    assert world.behind > 100 and min(refunded()) > 50
