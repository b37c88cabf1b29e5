"""Rich: a person of whom every table has something. She signed up twice, with two numbers, the second time after an
office had registered her from paper; she pays, objects, is looked at, and has left a sign-up open elsewhere."""

import base64
import hashlib
from datetime import date
from typing import Any

from django.test import Client

from citizens.own_data.export import ask_export, make_export
from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.gateways import reference
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import (
    Delivery,
    FeedRun,
    Notice,
    RefusedLine,
    TemplateComplaint,
    TrialMessage,
    YearlyMessage,
    YearlyRefusal,
)
from notifications.receipts.receipts import apply_receipts, take_receipts
from payments.bills.object_to_bill import raise_objection
from payments.checkout.post_to_agency import post_to_agencies
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import ci_index, name_index, person_index, phone_index
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.choices import set_contact
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, Contact, FamilyMember, MessageTemplate
from subscriptions.registration.register_senior import PaperForm
from tests.notifications.cast import MORNING, ingest, make_data_type, record
from tests.payments.bank import Bank
from tests.payments.cast import begin, confirm, make_fine, owe
from tests.subscriptions.cast import official, register
from tests.subscriptions.web.conftest import CODE, FakeProvider

CI = base64.b64encode(hashlib.sha512(b"rich").digest()).decode()
NAME, BORN, PHONE, FORMER_PHONE, TOSS = "독고유일", date(1941, 2, 3), "+821000007771", "+821000007772", "toss-user-9177"
FAMILY, FAMILY_PHONE = "큰딸유순", "+821000007779"
DETAILS = {"name": NAME, "phone": "010-0000-7771", "carrier": "KT", "identity_number": "4102031"}
PAID, OWED, PAUSED = "KNPA-PAID-771", "KNPA-OWED-772", "KNPA-PAUSED-773"
KINDS = ["traffic_fine", "vaccination"]
# What nothing may hold afterwards …
NEEDLES: dict[str, str | bytes] = {
    "name": NAME,
    "phone": PHONE,
    "phone without 82": "1000007771",
    "phone with hyphens": "0000-7771",
    "former phone": "1000007772",
    "CI": CI,
    "birth date": BORN.isoformat(),
    "birth date in digits": "410203",
    "Toss key": TOSS,
    "plate": "77가7777",
    "case": "CASE-OWED",
    "number of the paper form": "FORM-7717",
    "number that is owed": OWED,
    "number that is paused": PAUSED,
    "hash of the CI": ci_index(CI),
    "hash of the person": person_index(NAME, BORN, PHONE),
    "hash of the former person": person_index(NAME, BORN, FORMER_PHONE),
    "hash of the phone": phone_index(PHONE),
    "hash of the former phone": phone_index(FORMER_PHONE),
    "family member": FAMILY,
    "phone of the family member": "1000007779",
    "hash of that phone": phone_index(FAMILY_PHONE),
    "code of the family member": "K7MP2QX9A",
    "hash of the name": name_index(NAME),
}
# … and what the law keeps for a time.
KEPT: dict[str, str | bytes] = {"number that was paid": PAID, "case that was paid": "CASE-PAID", "order": "set below"}


def person(phone: str = PHONE) -> Person:
    return Person(CI, NAME, BORN, phone)


def agree(who: Person, *codes: str) -> Citizen:
    texts = texts_for(live_data_types(codes or KINDS))
    return sign_up(
        person=who,
        channels=["toss", "sms"],
        data_types=codes or KINDS,
        consents=texts,
        language="ko",
        now=MORNING,
        verified_at=MORNING,
    )


def fields(number: str, case: str) -> dict[str, Any]:
    return {"external_id": number, "subject": {"ci": CI}, "fields": {"plate": "77가7777", "case_number": case}}


def make_rich(provider: FakeProvider, bank: Bank, client: Client) -> Citizen:
    """Return her, signed in with `client`."""
    provider.people[PHONE] = person()
    ensure_service_consent()
    make_fine()
    make_data_type("vaccination")
    agree(person(FORMER_PHONE))
    by = official()
    register(by, PaperForm("FORM-7717", NAME, BORN, PHONE), confirmed=True)
    rich = agree(person())
    assert Citizen.objects.count() == 2  # the office's entry was merged into hers
    set_contact(rich, Contact.TOSS_USER_KEY, TOSS, verified_at=MORNING)
    _records(rich, bank)
    _notices()
    _test_message(rich)
    _family(rich)
    record_audit(
        now=MORNING, actor=f"official:{by.pk}", action="registration.revealed", citizen_id=rich.pk, reason="민원"
    )
    other = Client()
    other.post("/sign-up/", DETAILS)
    other.post("/sign-up/code/", {"code": CODE})
    client.post("/settings/sign-in/", DETAILS)
    client.post("/settings/sign-in/code/", {"code": CODE})
    export = ask_export(citizen=rich, now=MORNING)
    assert make_export(export_id=export.pk, now=MORNING)
    return rich


def _records(rich: Citizen, bank: Bank) -> None:
    paid, owed, paused = (
        owe(rich, 1, **fields(number, case))
        for number, case in ((PAID, "CASE-PAID"), (OWED, "CASE-OWED"), (PAUSED, "CASE-PAUSED"))
    )
    payment = begin(rich, paid)
    KEPT["order"] = payment.order_id
    confirm(rich, payment, bank)
    post_to_agencies(now=MORNING)
    begin(rich, owed)  # and left
    raise_objection(citizen=rich, bill_id=paused.pk, now=MORNING)
    run = FeedRun.objects.latest("pk")
    RefusedLine.objects.create(run=run, line=1, external_id=OWED, reason="old_version")
    TemplateComplaint.objects.create(
        template=MessageTemplate.objects.earliest("pk"), record=owed.record, code="-1028", said_at=MORNING
    )


def _test_message(rich: Citizen) -> None:
    template = MessageTemplate.objects.earliest("pk")
    TrialMessage.objects.create(
        citizen=rich, channel="sms", template=template, state="delivered", asked_at=MORNING, vendor_id="vendor-test"
    )
    YearlyMessage.objects.create(
        citizen=rich,
        year=2025,
        channel="sms",
        template=template,
        state="delivered",
        started_at=MORNING,
        vendor_id="v-year",
    )
    YearlyRefusal.objects.create(citizen=rich, refused_at=MORNING)


def _family(rich: Citizen) -> None:
    """Another person's name and number, which she gave, and what was sent to them."""
    member = FamilyMember(citizen=rich, named_at=MORNING)
    member.hold(name=FAMILY, phone=FAMILY_PHONE, code="K7MP2QX9A")
    member.save()
    member.texts.create(kind="question", state="accepted", created_at=MORNING, not_before=MORNING, sent_at=MORNING)


def _notices() -> None:
    """One delivered, with a receipt; the others wait or failed."""
    match_everything(now=MORNING)
    claim(now=MORNING)
    first, *others = Delivery.objects.order_by("pk")
    apply_outcomes([Reported(first.pk, Outcome("", Verdict.ACCEPTED, "0", "vendor-1"), first.channel)], now=MORNING)
    receipt = Receipt("event-1", reference(first.pk), "vendor-1", Verdict.DELIVERED, "0")
    take_receipts(gateway="apps_in_toss", receipts=[receipt], now=MORNING)
    apply_receipts(now=MORNING)
    undeliverable = [Reported(each.pk, Outcome("", Verdict.UNDELIVERABLE, "404"), each.channel) for each in others]
    apply_outcomes(undeliverable, now=MORNING)
    assert Notice.objects.exclude(state="sending").exists()


def push_again(number: str = OWED) -> None:
    """The agency sends the same case once more."""
    ingest(record(1, **{**fields(number, "CASE-OWED"), "version": 2}))
