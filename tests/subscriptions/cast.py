"""Create the cast: Alice signs up, Grandmother is registered by an official, Mallory is the outsider."""

import base64
import hashlib
from datetime import UTC, date, datetime

from django.contrib.auth import get_user_model

from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.identity.contract import Person
from subscriptions.models import Agency, Citizen, ConsentText, DataType, DataTypeVersion, Office, Official
from subscriptions.registration.register_senior import PaperForm, register_senior
from subscriptions.registration.registration_warnings import Warned

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 10:00 in Korea
OFFERED = {"traffic_fine": ("traffic", False), "health_checkup": ("health", True), "vaccination": ("vaccination", True)}
WORDS = ("purpose", "items", "retention", "refusal")


def person(number: int = 1, **changes: object) -> Person:
    ci = base64.b64encode(hashlib.sha512(f"person {number}".encode()).digest()).decode()
    values = {"ci": ci, "name": "홍길동", "birth_date": date(1985, 3, 14), "phone": f"+82100000{number:04d}"}
    return Person(**(values | changes))  # type: ignore[arg-type]


ALICE = person(1)
MALLORY = person(666, name="이샘플")
GRANDMOTHER = PaperForm("A-1", "최어르신", date(1948, 5, 9), "+821000000005")


def offer(code: str, *, group: str = "traffic", sensitive: bool = False) -> DataType:
    """A live data type."""
    agency, _ = Agency.objects.get_or_create(
        code="knpa", defaults={"name_ko": "경찰청", "name_en": "Police", "phone": "182"}
    )
    data_type = DataType.objects.create(code=code, agency=agency, group=group)
    version = DataTypeVersion.objects.create(
        data_type=data_type,
        number=1,
        state="live",
        name_ko=f"{code} 알림",
        name_en=f"{code} notices",
        sensitive=sensitive,
        consent_text=consent_text(code, sensitive=sensitive),
        digest=code,
    )
    data_type.live_version = version
    data_type.save()
    return data_type


def consent_text(code: str, *, number: int = 1, sensitive: bool = False) -> ConsentText:
    words = {f"{part}_{language}": f"{part} of {code}" for part in WORDS for language in ("ko", "en")}
    return ConsentText.objects.create(code=code, number=number, sensitive=sensitive, digest=f"{code}{number}", **words)


def offer_all() -> None:
    ensure_service_consent()
    for code, (group, sensitive) in OFFERED.items():
        offer(code, group=group, sensitive=sensitive)


def enrol(
    who: Person = ALICE, channels: tuple[str, ...] = ("kakaotalk", "sms"), *codes: str, now: datetime = NOW
) -> Citizen:
    codes = codes or ("traffic_fine",)
    texts = texts_for(live_data_types(codes))
    return sign_up(person=who, channels=channels, data_types=codes, consents=texts, language="ko", now=now)


def official(username: str = "official", office: str = "9911051000", password: str = "right-password-1") -> Official:
    where, _ = Office.objects.get_or_create(code=office, defaults={"name_ko": "가상동", "name_en": "Gasang-dong"})
    user = get_user_model().objects.create_user(username, password=password)
    return Official.objects.create(user=user, office=where)


def register(by: Official, form: PaperForm = GRANDMOTHER, *, confirmed: bool = False, now: datetime = NOW) -> Citizen:
    """`confirmed`: the official overrides a warning."""
    texts = texts_for(live_data_types(["vaccination"]))
    try:
        return register_senior(official=by, form=form, consents=texts, now=now)
    except Warned as warning:
        if not confirmed:
            raise
        return register_senior(official=by, form=form, consents=texts, now=now, seen={warning.about})
