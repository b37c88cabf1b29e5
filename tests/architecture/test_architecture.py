"""docs/architecture.md says what the code says. `.venv/bin/python -m tests.architecture` writes it anew."""

import os
from datetime import time
from time import sleep
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client

from notifications import tasks
from notifications.models import AgencyKey, Delivery, Notice
from notifications.receipts.receive import ReceiptWriter
from notifications.states import DELIVERY_MOVES, NOTICE_MOVES
from payments.models import Bill, Payment
from payments.states import BILL_MOVES, PAYMENT_MOVES, POSTING_MOVES, REFUND_MOVES
from secretary.kernel.database.connections import spare_checks
from secretary.kernel.database.prepared import plan_once
from secretary.kernel.http.standard_webhooks import new_secret
from subscriptions.models import Citizen
from tests.architecture import counts, diagrams, document
from tests.architecture.__main__ import WRITE
from tests.architecture.trace import Job
from tests.notifications.cast import MORNING, enrol, make_feed, record, templates
from tests.notifications.intake.test_push import push
from tests.notifications.receipts.test_receipts import hook, post
from tests.payments.cast import make_fine, owe
from tests.payments.conftest import Far
from tests.payments.web.conftest import FINE, prove
from tests.subscriptions.web.conftest import FakeProvider
from tests.support.sandbox_process import SandboxProcess

COMMAND = "`.venv/bin/python -m tests.architecture` writes it anew"
STATES = {
    "notice": NOTICE_MOVES,
    "delivery": DELIVERY_MOVES,
    "bill": BILL_MOVES,
    "payment": PAYMENT_MOVES,
    "refund": REFUND_MOVES,
    "posting": POSTING_MOVES,
}


@pytest.mark.django_db(transaction=True)
def test_the_document_is_what_the_code_says(
    sandbox: SandboxProcess,
    client: Client,
    far: Far,
    provider: FakeProvider,
    broker: redis.Redis,  # empty: where many deliverers wait, of earlier tests, a match enqueues none
    settings: Any,
    time_machine: Any,
) -> None:
    settings.DAY_STARTS = settings.DAY_ENDS = time(0)  # at any hour
    spare_checks()
    plan_once()  # both as in the process that answers requests, and whichever test ran before in this one
    connection.close()  # what was prepared on it before would not be seen here
    job = main_job(client, sandbox)
    time_machine.move_to(MORNING, tick=False)
    far.at(MORNING)
    bought = paying(client, far)
    made = {
        "pipeline": document.mermaid(diagrams.pipeline(job)),
        **{f"states of a {name}": document.mermaid(diagrams.states(moves)) for name, moves in STATES.items()},
        "files": counts.files(),
        "rooms": counts.rooms(),
        "reading": counts.reading({"main job": job, "paying": bought}),
        "tour of the main job": counts.tour(job),
        "tour of paying": counts.tour(bought),
    }
    kept = document.FILE.read_text(encoding="utf-8")
    assert sorted(document.names(kept)) == sorted(made)
    fresh = document.filled(kept, made)
    if os.environ.get(WRITE):
        document.FILE.write_text(fresh, encoding="utf-8")
    else:
        assert kept == fresh, COMMAND


def main_job(client: Client, sandbox: SandboxProcess) -> Job:
    """An agency pushes a record, and its notice is delivered; two times, since the first one fills what is kept."""
    fine = make_fine()
    sandbox.register(*templates())
    enrol(1, fine, channels=["kakaotalk"])
    key = AgencyKey(feed=make_feed(), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    for number in (1, 2):
        job = Job()
        with job.phase("POST /api/agencies/v1/records"):
            push(client, key, {"records": [record(1)]}, message_id=f"m-{number}")
        for task in (tasks.match, tasks.deliver):
            with job.phase(task.name):
                task()
        hook = newest_hook(number)
        with job.phase("POST /webhooks/nhn/"), pytest.MonkeyPatch.context() as patched:
            writer = ReceiptWriter()  # with a thread that begins now
            patched.setattr("notifications.receipts.receive.receipt_writer", lambda: writer)  # noqa: B023  (called here)
            assert post(client, sandbox, hook) == 200
            while writer._store.owed:  # the thread answers first, and enqueues then
                sleep(0.001)
        with job.phase(tasks.receipts.name):
            tasks.receipts()
    assert list(Notice.objects.values_list("state", flat=True)) == ["delivered"] * 2
    return job


def newest_hook(number: int) -> dict[str, Any]:
    """What NHN reports about the newest message when it is delivered."""
    return hook(Delivery.objects.latest("pk"), "1000", f"hook-{number}")


def paying(client: Client, far: Far) -> Job:
    """From the list over the bill to the receipt; two fines, since the first payment fills what is kept."""
    prove(client)
    for _ in range(2):
        bill = owe(Citizen.objects.get(), 1, fields=FINE)
        job = pay(client, far, bill)
    assert [payment.state for payment in Payment.objects.all()] == ["paid"] * 2
    return job


def pay(client: Client, far: Far, bill: Bill) -> Job:
    job = Job()
    with job.phase("the list and the bill"):
        client.get("/pay/")
        client.get(f"/pay/{bill.pk}/")
    with job.phase("checking"):
        client.get(f"/pay/{bill.pk}/check/kakaopay/")
    with job.phase("handing over"):
        client.post(f"/pay/{bill.pk}/check/kakaopay/", {"amount": 32000})
    payment = Payment.objects.latest("pk")
    brought = far.banks["kakaopay"].pay(payment.order_id)
    with job.phase("coming back"):
        back = client.get(f"/pay/orders/{payment.order_id}/back/success/", brought)
    with job.phase("the receipt"):
        client.get(back["Location"])
        client.get(f"/pay/orders/{payment.order_id}/receipt/")
    return job
