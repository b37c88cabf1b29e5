"""A person with the shipped data types, and a walk over all pages in one language: pages as they look in service."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from playwright.sync_api import Page

from notifications.channels.contract import Verdict
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice, YearlyMessage
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.models import Agency, Citizen, Consent, Contact, DataType, MessageTemplate
from tests.browser.look import DISPLAYS, assert_good
from tests.citizens.inbox.cast import hand_over, report
from tests.notifications.cast import ci_of, enrol, ingest, make_feed, templates
from tests.payments.web.conftest import prove
from tests.subscriptions.web.conftest import CODE
from tests.support.chromium import press, take_session

# axe looks at the English pages: the files beside have it look at the Korean ones, at three displays.
AXE = {"ko": (), "en": DISPLAYS[:1]}
NAME, PHONE, NUMBER = "홍길동", "010-0000-0001", "6001021"
FINE = {
    "violation": "제한속도 위반",
    "violated_at": "2026-03-06T08:12:00+09:00",
    "place": "세종대로 사거리",
    "vehicle": "00가0000",
    "amount": 40000,
    "reduced_amount": 32000,
    "reduction_ends_on": "2026-03-23",
}
LICENCE = {"licence_kind": "class2_ordinary", "window_opens_on": "2026-03-10", "window_closes_on": "2026-12-31"}
CHECKUP = {"kinds": "일반건강검진", "year": "2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
DOSE = {"vaccine": "코로나19 백신", "dose": 1, "clinic": "가나구 예방접종센터", "clinic_phone": "02-0000-0000"}
RECORDS: dict[str, dict[str, Any]] = {
    "traffic_fine": FINE,
    "licence_renewal": LICENCE | {"aptitude_test": "needed"},
    "health_checkup": CHECKUP,
    "vaccination": DOSE | {"appointment_at": "2026-03-16T14:00:00+09:00", "next_dose_on": "2026-04-06"},
}


def load_shipped() -> None:
    """The shipped data types, live, each text with a vendor's code."""
    call_command("load_catalogue", approve=True, drafts=False, stdout=StringIO(), stderr=StringIO())
    code = Concat(Value("t-"), Cast(F("pk"), CharField()))
    MessageTemplate.objects.exclude(channel="sms").update(vendor_template=code)
    templates()


def agencies_write(*, now: datetime) -> dict[str, Notice]:
    """A record of each kind about person 1 comes in and goes out; the newest notice of each kind."""
    for number, (code, fields) in enumerate(RECORDS.items(), start=1):
        agency = Agency.objects.get(data_types__code=code)
        feed = make_feed(f"feed-{code}", agency.code)
        facts = {"external_id": f"S-2026-{number:04d}", "data_type": code, "version": 1, "state": "open"}
        event = {"event": "opened"} if code == "traffic_fine" else {}
        counts = ingest({**facts, **event, "subject": {"ci": ci_of(1)}, "fields": fields}, now=now, feed=feed)
        assert counts.new == 1, (code, counts)
    match_everything(now=now)
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"), now=now)
    hand_over(now=now)
    report(Verdict.DELIVERED, now=now)
    Delivery.objects.update(started_at=now)  # these two are by the database's clock, which is not moved
    Contact.objects.update(changed_at=now)
    return {each.record.data_type.code: each for each in Notice.objects.order_by("pk") if each.record}


def was_notified(citizen: Citizen, *, year: int, now: datetime) -> None:
    """They agreed to the service long ago, and got the yearly message of that year."""
    text, before = ensure_service_consent(), now - timedelta(days=400)
    Consent.objects.create(citizen=citizen, text=text, language=citizen.language, method="web", given_at=before)
    sent_at = now.replace(year=year, month=9, day=30)
    YearlyMessage.objects.create(citizen=citizen, year=year, state="delivered", channel="kakaotalk", started_at=sent_at)


class Walk:
    """A browser that looks at every page on its way, and takes its picture under the name of language and page."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language

    def see(self, name: str, path: str = "") -> None:
        if path:
            self.page.goto(path)
        assert self.page.evaluate("document.documentElement.lang") == self.language, self.page.url
        assert_good(self.page, f"{self.language} {name}", checked=AXE[self.language])

    def fill(self, **typed: str) -> None:
        for name, text in typed.items():
            self.page.fill(f"#id_{name}", text)

    def press(self) -> None:
        press(self.page)

    def enter_as(self, client: Client, base: str) -> None:
        """As below, but signed in already."""
        enrol(1, *DataType.objects.filter(code__in=RECORDS), language=self.language)
        prove(client)
        take_session(self.page, client, base)

    def enter(self) -> None:
        """A person who has chosen all of `RECORDS` signs in, by the full check."""
        enrol(1, *DataType.objects.filter(code__in=RECORDS), language=self.language)
        self.page.goto("/settings/sign-in/?other=1")
        self.fill(name=NAME, phone=PHONE, identity_number=NUMBER)
        self.page.check("input[value=KT]")
        self.press()
        self.fill(code=CODE)
        self.press()
