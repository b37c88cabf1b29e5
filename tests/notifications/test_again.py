import pytest
from datetime import timedelta
from notifications.deliver import deliver_due
from notifications.match import match_everything
from notifications.models import Notice
from subscriptions.withdraw import withdraw
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, subscribe
pytestmark = pytest.mark.django_db
def test_resub():
    fine = make_data_type()
    alice = enrol(1, fine, channels=["sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    withdraw(citizen=alice, data_types=None, actor="c", now=MORNING)
    deliver_due(now=lambda: MORNING)
    subscribe(alice, fine, matched=False)
    match_everything(now=MORNING+timedelta(hours=1))
    print("STATES", list(Notice.objects.values_list("cause","state","reason")))
