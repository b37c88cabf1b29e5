"""kill -9 between capture and commit: the money is found by a poll, and settled once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from payments.checkout.poll_payments import poll_payments
from payments.models import Payment, Settlement
from payments.refusals import Refused
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, let_time_pass, states
from tests.payments.conftest import Far

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


def test_a_worker_that_is_killed_after_the_capture_loses_nothing(far: Far, tmp_path: Path) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    captured = tmp_path / "taken"
    brought = json.dumps(far.bank.pay(payment.order_id))
    command = [sys.executable, "-m", "tests.payments.checkout.killed_worker", payment.order_id, brought, str(captured)]
    died = subprocess.run(command, env={**os.environ, "DATABASE_URL": database_of_this_test()}, timeout=300).returncode
    assert died == -signal.SIGKILL
    assert states() == ["confirming"]
    far.bank.capture_unseen(payment.order_id, int(captured.read_text()))
    with pytest.raises(Refused, match="under_way"):
        begin(alice, bill, provider="kakaopay")
    let_time_pass()
    poll_payments(now=MORNING)
    assert (states(), Settlement.objects.get().amount) == (["paid"], 40000)
    assert Payment.objects.get().fence == 1


def database_of_this_test() -> str:
    """The address of this test's own database."""
    values = connection.settings_dict
    place = f"{values['HOST']}:{values['PORT']}" if not values["HOST"].startswith("/") else ""
    options = f"?host={quote(values['HOST'])}&port={values['PORT']}" if not place else ""
    password = f":{quote(values['PASSWORD'])}" if values["PASSWORD"] else ""
    return f"postgresql://{values['USER']}{password}@{place}/{values['NAME']}{options}"
