"""What consent texts and pages promise about erasing is done on its day by a job, and nothing else is promised."""

import os
import re
import subprocess
import sys
import tomllib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from citizens.models import Erasure, RecordWalk
from citizens.own_data.promises import keep_promises
from citizens.tasks import erase
from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from payments.bills.bills import open_bills
from payments.models import Bill, LedgerEntry, Settlement
from subscriptions.data_types.checks import unkept_promises
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.my_choices import add_data_types
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, Consent, Subscription
from subscriptions.registration.registrations import end_registration
from tests.citizens.own_data.rich import CI, KEPT, KINDS, NAME, NEEDLES, PAID, agree, make_rich, person
from tests.notifications.cast import MORNING, ingest, record
from tests.payments.conftest import Far
from tests.plugin import ROOT
from tests.subscriptions import cast as people
from tests.subscriptions.web.conftest import FakeProvider
from tests.support.personal_bytes import found_in_database, named

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WITHDREW = "test_promises.py::test_who_withdraws_is_erased_within_five_days_unless_they_agree_again"
ERASED = "test_erase.py::test_nothing_of_her_is_left_anywhere"
ELSEWHERE = {"test_toss_link.py": "end_to_end", "test_end_audit.py": "secretary/kernel/audit"} | {
    "test_retention.py": "secretary/ops",
    "test_lists.py": "subscriptions/registration/bulk",
}
# Sentences of pages that promise to erase or to keep, by a part of each that no other has → the test that proves it.
PROOF = {
    "within five days of withdrawing everything": WITHDREW,
    "within five days we erase everything": WITHDREW,
    "nothing is erased": WITHDREW,
    "what has no purpose any more is deleted": WITHDREW,
    "we erase what was received": "test_promises.py::test_a_kind_that_ended_goes_within_five_days_and_the_others_stay",
    "are deleted {{ time }} after the case is over": "test_promises.py::"
    "test_a_case_that_is_over_goes_a_year_later_for_enrolled_people_and_others",
    "we erase what this service holds": ERASED,
    "the rest follows within minutes": ERASED,
    "you are erased and signed out": ERASED,
    "kept as for everyone who is not signed up": "test_erase.py::test_a_new_sign_up_afterwards_starts_clean",
    "until toss has answered, five days at most": "test_toss_link.py::"
    "test_an_erasure_ends_the_link_at_toss_too_and_keeps_the_number_no_longer_than_that_takes",
    "then we delete it": "test_export.py::test_it_is_offered_for_a_time_then_deleted_and_not_made_too_often",
    "then we delete its rows": "test_lists.py::test_the_content_goes_after_three_days_and_the_counts_stay",
    "each record is kept for": "test_end_audit.py::test_lines_end_after_two_years_and_what_is_left_is_verified",
    "what they call you and your number go": "test_retention.py::"
    "test_it_is_there_the_day_before_and_gone_the_day_after",
}
IN_CODE = re.compile(r'_\(\s*((?:"[^"]*"\s*)+)\)')  # a text that is translated
PROMISE = re.compile(
    r"[^.\"]*\b(?:we (?:erase|delete)|(?:is|are) (?:erased|deleted)|(?:is|are) kept (?:for|as for)|within five days"
    r"|five days at most)\b[^.\"]*",
    re.IGNORECASE,
)


@pytest.fixture
def rich(provider: FakeProvider, far: Far, client: Client) -> Citizen:
    return make_rich(provider, far.bank, client)


def run_job(now: datetime) -> None:
    keep_promises(now=now)
    for pk in Erasure.objects.filter(state=Erasure.WAITING).values_list("pk", flat=True):
        erase(erasure_id=pk)


def test_who_withdraws_is_erased_within_five_days_unless_they_agree_again(rich: Citizen) -> None:
    withdraw(citizen=rich, data_types=KINDS, actor="citizen", now=MORNING)  # each kind singly …
    withdraw(citizen=rich, data_types=None, actor="citizen", now=MORNING)  # … and the service's own consent
    Erasure.objects.all().delete()
    run_job(MORNING + 2 * DAY)
    assert Citizen.objects.get(pk=rich.pk).state == Citizen.ACTIVE and Notice.objects.exists()
    texts = texts_for(live_data_types(["vaccination"]))
    add_data_types(citizen=rich, data_types=["vaccination"], consents=texts, language="ko", now=MORNING + 2 * DAY)
    run_job(MORNING + 9 * DAY)
    assert Citizen.objects.get(pk=rich.pk).state == Citizen.ACTIVE
    withdraw(citizen=rich, data_types=None, actor="citizen", now=MORNING + 9 * DAY)
    run_job(MORNING + 13 * DAY)
    erasure = Erasure.objects.get(people__contains=[rich.pk])
    assert (erasure.state, erasure.why) == (Erasure.DONE, Erasure.WITHDREW)
    assert named(found_in_database(NEEDLES)) == ["number of the paper form in common_auditevent"]


def test_a_kind_that_ended_goes_within_five_days_and_the_others_stay(rich: Citizen) -> None:
    ingest(record(1, subject={"ci": CI}, data_type="vaccination"))
    match_everything(now=MORNING)
    withdraw(citizen=rich, data_types=["traffic_fine"], actor="citizen", now=MORNING)
    run_job(MORNING + 2 * DAY)
    assert Record.objects.count() == 4
    run_job(MORNING + 4 * DAY)
    assert sorted(Record.objects.values_list("data_type__code", flat=True)) == ["traffic_fine", "vaccination"]
    assert list(Bill.objects.values_list("record__external_id", "state")) == [(PAID, "paid")]
    paid = Record.objects.get(external_id=PAID)
    assert paid.payload["plate"] == "77가7777" and paid.ci_hash is not None  # her receipt shows what she paid for
    assert set(Notice.objects.values_list("record__data_type__code", flat=True)) == {"vaccination"}
    agree(person(), *KINDS)
    assert Subscription.objects.filter(citizen=rich, ended_at=None).count() == 2
    run_job(MORNING + 9 * DAY)
    assert Record.objects.count() == 2


def test_a_case_that_is_over_goes_a_year_later_for_enrolled_people_and_others(rich: Citizen, settings: Any) -> None:
    ingest(record(1, external_id="over", state="completed"), record(1, external_id="stranger", state="withdrawn"))
    ingest(record(1, external_id="open"))
    ingest(record(1, external_id="past", data_type="vaccination"))
    Record.objects.filter(external_id=PAID).update(state="paid")
    run_job(MORNING + 364 * DAY)
    assert Record.objects.count() == 7
    run_job(MORNING + 366 * DAY)
    assert not Record.objects.filter(external_id__in=("over", "stranger")).exists()
    run_job(MORNING + 388 * DAY)  # a year after its last day, 2 April
    assert Record.objects.filter(external_id="past").exists()
    run_job(MORNING + 389 * DAY)
    assert not Record.objects.filter(external_id="past").exists()
    run_job(MORNING + 800 * DAY)
    left = set(Record.objects.values_list("external_id", flat=True))
    assert left == {PAID, "KNPA-OWED-772", "KNPA-PAUSED-773", "open"}  # what was paid here stays with its payment
    assert set(RecordWalk.objects.values_list("after", flat=True)) == {0}
    assert Citizen.objects.get(pk=rich.pk).state == Citizen.ACTIVE


def test_payments_of_an_enrolled_person_end_five_years_later(rich: Citizen, client: Client) -> None:
    sums = list(LedgerEntry.objects.order_by("pk").values_list("account", "amount"))
    bills = set(Bill.objects.filter(citizen=rich).exclude(state="paid").values_list("pk", flat=True))
    run_job(MORNING + 1826 * DAY)
    page = client.get("/pay/history/").content.decode()
    assert str(KEPT["order"]) in page
    assert "납부한 날부터 5년 동안" in page
    Record.objects.filter(external_id=PAID).update(received_at=MORNING + 1700 * DAY)
    run_job(MORNING + 1828 * DAY)
    assert Bill.objects.filter(citizen=rich, state="paid").exists()  # the agency still sends something of it
    run_job(MORNING + 2070 * DAY)
    assert not Bill.objects.filter(citizen=rich, state="paid").exists()
    assert named(found_in_database(KEPT)) == []
    assert not Record.objects.filter(external_id=PAID).exists()
    assert set(Bill.objects.filter(citizen=rich).values_list("pk", flat=True)) == bills
    assert Settlement.objects.get().payment.bill.citizen.state == Citizen.ERASED
    assert list(LedgerEntry.objects.order_by("pk").values_list("account", "amount")) == sums
    assert open_bills(citizen=rich, now=MORNING) == 0  # it does not come back as one to pay
    rich.refresh_from_db()
    assert rich.state == Citizen.ACTIVE and rich.name == NAME


def test_who_was_registered_from_paper_only_is_erased_after_the_office_ended_it(db: None) -> None:
    people.offer_all()
    by = people.official()
    grandmother = people.register(by)
    end_registration(citizen=grandmother, official=by, reason="본인 요청", now=people.NOW)
    assert not Consent.objects.filter(citizen=grandmother, withdrawn_at=None).exists()
    run_job(people.NOW + 4 * DAY)
    grandmother.refresh_from_db()
    assert grandmother.state == Citizen.ERASED and Erasure.objects.get().state == Erasure.DONE


def test_every_text_in_force_promises_what_the_job_does(settings: Any) -> None:
    texts = []
    for path in (ROOT / "subscriptions/catalogue").glob("*.toml"):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        consent = content.get("consent", content)
        if "ko" not in consent:
            continue
        texts += [(path.name, language, consent[language]["retention"]) for language in ("ko", "en")]
    assert len(texts) > 16
    days, over = {"ko": "5일 안에", "en": "within 5 days"}, {"ko": "1년 뒤 지웁니다", "en": "erased after one year"}
    wrong = [
        (name, language)
        for name, language, text in texts
        if days[language] not in text or over[language] not in text or unkept_promises(text)
    ]
    assert wrong == []
    assert settings.KEPT_DAYS["withdrawn"] < 5 and settings.KEPT_DAYS["over"] <= 365
    assert unkept_promises("6개월 뒤 지웁니다. Erased after 30 days.") == ["6개월", "30 days"]


def test_no_page_promises_what_no_test_proves() -> None:
    """The English sentences are in the templates and views; their Korean is their translation."""
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts]
    views = [path for part in ("subscriptions/web", "citizens", "payments/web") for path in (ROOT / part).rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in pages]
    texts += [text for path in views for text in IN_CODE.findall(path.read_text(encoding="utf-8"))]
    found = {" ".join(each.split()).lower() for text in texts for each in PROMISE.findall(text)}
    proved = {words: [each for each in found if words in each] for words in PROOF}
    assert [words for words, those in proved.items() if not those] == []  # no entry outlives its sentence
    assert sorted(found - {each for those in proved.values() for each in those}) == []
    for test in PROOF.values():
        file, _colons, name = test.partition("::")
        path = ROOT / "tests" / ELSEWHERE.get(file, "citizens/own_data") / file
        assert f"def {name}(" in path.read_text(encoding="utf-8"), test


def test_no_setting_makes_it_longer_than_promised() -> None:
    asked = "from secretary.setting_groups.kept_days import KEPT_DAYS as k; print(*(k[n] for n in %r))"
    names = ("withdrawn", "over", "erased_payments", "erased_consents", "payments")
    longer = {
        "KEEP_WITHDRAWN_DAYS": "30",
        "KEEP_OVER_DAYS": "900",
        "KEEP_ERASED_PAYMENTS_DAYS": "2000",
        "KEEP_ERASED_CONSENTS_DAYS": "1100",
        "KEEP_PAYMENTS_DAYS": "1900",
    }
    done = subprocess.run(
        [sys.executable, "-c", asked % (names,)],
        env=os.environ | longer,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["4", "365", "2000", "1100", "1900"]
