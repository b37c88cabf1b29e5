"""A person erases herself: nothing of her is left anywhere but what the law keeps, named, and that goes on its day."""

import base64
import json
import logging
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import redis
from django.apps import apps
from django.test import Client

from citizens.models import Erasure
from citizens.own_data.promises import keep_promises
from citizens.tasks import erase, sweep
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice, Record
from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import poll_payments
from payments.models import Bill, LedgerEntry, Payment, Refund, Settlement
from secretary.kernel.time.clock import kst_instant
from subscriptions.enrolment.sign_up import known_citizen
from subscriptions.models import Citizen, CitizenKey, Consent, Contact
from tests.citizens.own_data.rich import CI, KEPT, NEEDLES, PAID, agree, make_rich, person, push_again
from tests.notifications.cast import MORNING, ingest, record
from tests.payments.cast import confirm, let_time_pass
from tests.payments.conftest import Far
from tests.subscriptions.web.conftest import FakeProvider
from tests.support.personal_bytes import found_in_broker, found_in_database, named, tables_with

pytestmark = pytest.mark.django_db
ERASE = "/my-data/erase/"
# Her number (of a row without content) stays in these: the law keeps them, or it is the receipt itself.
WITH_HER_NUMBER = {
    "subscriptions_citizen",
    "subscriptions_consent",
    "subscriptions_subscription",
    "payments_bill",
    "citizens_erasure",
    "common_auditevent",
}


NEEDLE_HASH = bytes(range(32))
# Spellings that are looked for all the same, and a number that the second one has replaced.
NEVER_WRITTEN = {
    *("phone without 82", "phone with hyphens", "birth date in digits"),
    *("former phone", "hash of the former phone"),
}


@pytest.fixture
def rich(provider: FakeProvider, far: Far, client: Client) -> Citizen:
    return make_rich(provider, far.bank, client)


def erased(client: Client) -> Erasure:
    """Press the button, and let the job run."""
    answer = client.post(ERASE, {"sure": "yes"})
    row = Erasure.objects.get()
    assert answer["Location"] == f"/erased/{row.number}/", answer.content.decode()
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Every line, of all that was done since this fixture was made: her life, and its end."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(each.getMessage() for when in ("setup", "call") for each in caplog.get_records(when))


def test_nothing_of_her_is_left_anywhere(
    log: Callable[[], str],
    broker: redis.Redis,
    provider: FakeProvider,
    far: Far,
    client: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # so that the broker has what her life has put there
        rich = make_rich(provider, far.bank, client)
    everything = NEEDLES | KEPT
    before = {what for what, _ in found_in_database(everything)}
    assert before >= set(everything) - NEVER_WRITTEN
    page = client.get(ERASE).content.decode()
    assert "연결이 끝났다고 토스에 알립니다" in page
    assert "교통과태료" in page and "신호위반" in page  # what is owed, and which of such bills it is
    assert "까지" in page  # until when the law keeps what
    with django_capture_on_commit_callbacks(execute=True):
        row = erased(client)
    assert row.state == Erasure.DONE, row.done
    assert found_in_broker(broker, {"a task": "notifications.match"})  # its search finds what is there
    found = found_in_database(NEEDLES) | found_in_broker(broker, everything)
    assert named(found) == [
        "number of the paper form in common_auditevent"
    ]  # what an official did, and with which form
    assert named(each for each in found_in_database(KEPT) if each[1] not in ("payments_payment",)) == [
        "case that was paid in notifications_record (encrypted)",
        "number that was paid in notifications_record",
    ]
    assert tables_with(str(rich.pk)) == WITH_HER_NUMBER
    lines = log()
    assert lines and [name for name, each in everything.items() if text_of(each) in lines and name != "order"] == []
    for path in ("/my-data/", "/settings/", "/pay/", "/inbox/"):
        assert client.get(path)["Location"] == "/sign-in/", path
    receipt = client.get(f"/erased/{row.number}/").content.decode()
    assert row.number in receipt and "전자금융거래법" in receipt


def text_of(needle: str | bytes) -> str:
    return needle if isinstance(needle, str) else needle.hex()


def test_the_search_of_the_broker_looks_into_every_kind_of_key(broker: redis.Redis) -> None:
    body = base64.b64encode(json.dumps([[], {"name": "in a body"}]).encode()).decode()
    broker.rpush("queue", json.dumps({"body": body, "headers": {}}))
    broker.hset("unacked", "tag", "in a hash " * 9)
    broker.zadd("index", {"in order": 1})
    broker.sadd("bound", "in a set")
    broker.set("text", "in a string " + NEEDLE_HASH.hex())
    needles = {each: each for each in ("in a body", "in a hash", "in order", "in a set", "in a string", "nowhere")}
    found = {what for what, _where in found_in_broker(broker, needles | {"hash": NEEDLE_HASH})}
    assert found == {*needles, "hash"} - {"nowhere"}


def test_what_the_law_keeps_goes_on_its_day(rich: Citizen, client: Client) -> None:
    row = erased(client)
    assert set(row.kept) == {"payments", "consents"}
    sums = list(LedgerEntry.objects.order_by("pk").values_list("account", "amount"))
    for what, until in sorted(row.kept.items(), key=lambda each: each[1]):
        day = kst_instant(date.fromisoformat(until), time(12))
        keep_promises(now=day - timedelta(days=1))
        row.refresh_from_db()
        assert what in row.kept
        keep_promises(now=day + timedelta(days=1))
        row.refresh_from_db()
        assert what not in row.kept
    assert named(found_in_database(NEEDLES | KEPT)) == ["number of the paper form in common_auditevent"]
    assert tables_with(str(rich.pk)) == {"subscriptions_citizen", "payments_bill", "common_auditevent"}
    assert not Consent.objects.filter(citizen=rich).exists() and row.people == []
    assert list(LedgerEntry.objects.order_by("pk").values_list("account", "amount")) == sums
    assert Settlement.objects.get().amount == Payment.objects.get(settlement__isnull=False).amount
    assert client.get(f"/erased/{row.number}/").status_code == 200


def test_a_new_sign_up_afterwards_starts_clean(rich: Citizen, client: Client) -> None:
    erased(client)
    assert known_citizen(person()) is None
    push_again()  # the agency knows of no erasure
    match_everything(now=MORNING)
    assert not Notice.objects.exists()
    again = agree(person(), "traffic_fine")
    match_everything(now=MORNING)
    assert again.pk != rich.pk and again.language == "ko" and again.hours_from is None
    assert [contact.kind for contact in Contact.objects.filter(citizen=again)] == [Contact.PHONE]
    notices = Notice.objects.filter(citizen=again)
    assert [notice.record.external_id for notice in notices] == ["KNPA-OWED-772"]  # once, by the new consent
    assert Record.objects.get(external_id=PAID).ci_hash is None
    assert not Bill.objects.filter(citizen=again).exists()


def test_a_payment_whose_outcome_is_unknown_is_settled_first(rich: Citizen, client: Client, far: Far) -> None:
    payment = Payment.objects.get(state="opened")
    far.bank.faults["confirm"].append("taken_lost")
    confirm(rich, payment, far.bank)
    page = client.post(ERASE, {"sure": "yes"}, follow=True)
    assert page.redirect_chain == [(ERASE, 302)] and "납부를 확인하고 있습니다" in page.content.decode()
    assert "page-form" not in page.content.decode()  # without a form, the header's buttons have their own
    assert not Erasure.objects.exists() and CitizenKey.objects.filter(citizen=rich).exists()
    let_time_pass()
    poll_payments(now=MORNING)
    row = erased(client)
    assert row.state == Erasure.DONE and Bill.objects.filter(state="paid").count() == 2
    follow_records(now=MORNING)  # that the record is not theirs any more asks for no refund
    push_again()
    follow_records(now=MORNING)
    assert not Refund.objects.exists() and Bill.objects.filter(state="paid").count() == 2


def test_a_message_that_is_being_sent_is_waited_for(rich: Citizen, client: Client) -> None:
    ingest(record(1, subject={"ci": CI}))
    match_everything(now=MORNING)
    assert claim(now=MORNING).attempts
    row = erased(client)
    assert (row.state, row.done) == (Erasure.WAITING, 2)
    ingest(record(1, subject={"ci": CI}))
    match_everything(now=MORNING)
    assert claim(now=MORNING).attempts == []  # nothing new starts
    outcome = Outcome("", Verdict.DELIVERED, "0")
    apply_outcomes([Reported(each.pk, outcome, each.channel) for each in Delivery.objects.all()], now=MORNING)
    sweep()
    erase(erasure_id=row.pk)  # not yet: it is tried again in a minute
    row.refresh_from_db()
    assert row.state == Erasure.WAITING
    Erasure.objects.update(try_at=MORNING - timedelta(days=365))
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert row.state == Erasure.DONE and not Notice.objects.exists()


def test_two_tabs_and_a_job_that_was_stopped_make_one_erasure(rich: Citizen, client: Client, monkeypatch: Any) -> None:
    second = Client()
    second.cookies.load(client.cookies.output(header=""))
    assert client.post(ERASE)["Location"] == ERASE  # nothing is ticked
    assert not Erasure.objects.exists()
    client.post(ERASE, {"sure": "yes"})
    row = Erasure.objects.get()
    assert second.post(ERASE, {"sure": "yes"})["Location"] == f"/erased/{row.number}/"
    assert second.get("/my-data/")["Location"] == "/sign-in/"

    def stops(*_: Any, **__: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("citizens.own_data.erase_person.erase_records", stops)
        erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.done) == (Erasure.WAITING, 3)
    waiting = client.get(f"/erased/{row.number}/")
    assert "7단계 중 3단계 완료" in waiting.content.decode() and "Refresh" in waiting.headers
    assert "지우고 있는 것" in waiting.content.decode() and "지운 것" not in waiting.content.decode()
    erase(erasure_id=row.pk)  # another worker holds it
    row.refresh_from_db()
    assert row.state == Erasure.WAITING
    Erasure.objects.update(try_at=MORNING - timedelta(days=365))
    erase(erasure_id=row.pk)
    row.refresh_from_db()
    assert row.state == Erasure.DONE and row.removed["records"] == 3
    assert client.get("/erased/ABCD-EFGH-JKMN/").status_code == 404


def test_every_table_that_names_a_person_is_erased_or_kept_by_name() -> None:
    """A new table with a person in it gets its place here, and its removal in one of the apps' erase.py."""
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if not hasattr(model, "pgh_tracked_model")
        and (field.name in ("citizen", "citizen_id") or getattr(field, "related_model", None) is Citizen)
    }
    assert tables == {
        *("subscriptions_channelchoice", "subscriptions_citizenkey", "subscriptions_contact"),
        *("subscriptions_consent", "subscriptions_subscription", "subscriptions_unreached", "subscriptions_tosslink"),
        *("subscriptions_phonecode", "subscriptions_receiptnumber", "subscriptions_familymember"),
        *("notifications_bundleentry", "notifications_notice", "notifications_trialmessage", "payments_bill"),
        *("notifications_yearlymessage", "notifications_yearlyrefusal"),
        *(
            "common_auditevent",
            "common_lookreportline",
            "citizens_dataexport",
            "citizens_readnotice",
            "citizens_calendarfeed",
            "citizens_officecall",
        ),
    }
