"""The books agree to the won after everything that can go wrong has gone wrong at random, with a fixed seed."""

import pytest

from payments.models import Payment, Settlement
from tests.payments.simulation import simulate

pytestmark = pytest.mark.django_db


def test_a_thousand_payments_with_random_faults_balance_to_the_won(far) -> None:
    world = simulate(far, fines=700, seed=20260310)
    assert Payment.objects.count() > 900
    assert Settlement.objects.filter(surplus=True).count() > 10  # the faults were there
    assert world.began > 1000


@pytest.mark.slow
def test_ten_thousand_payments_with_random_faults_balance_to_the_won(far) -> None:
    world = simulate(far, fines=7000, seed=17)
    assert world.began > 10_000
