"""Test that the privacy policy states what people agree to, and what this installation is set up to do."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from citizens.privacy_policy.processors import IDENTITY
from notifications.channels.registry import adapters
from notifications.gateway_names import VENDORS
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.identity.registry import providers
from subscriptions.models import DataType
from tests.subscriptions import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_adapters")]


def policy(language: str = "ko") -> str:
    page = Client(headers={"accept-language": language}).get("/privacy/")
    assert page.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", "", page.content.decode()))


def test_each_vendor_is_named() -> None:
    assert set(VENDORS) == {adapter.gateway for adapter in adapters().values()}
    assert set(IDENTITY) == set(providers())


def test_it_says_what_the_consents_in_force_say() -> None:
    cast.offer_all()
    texts = texts_for(live_data_types(DataType.objects.live().values_list("code", flat=True)))
    assert len(texts) > 2
    for language in ("ko", "en"):
        page = policy(language)
        stated = {text.code: [text.text(part, language) in page for part in ("purpose", "items", "retention")]
                for text in texts}  # fmt: skip
        assert {code for code, parts in stated.items() if not all(parts)} == set()


def test_it_names_the_companies_periods_and_contact_of_this_installation(settings: Any) -> None:
    cast.offer_all()
    settings.CHANNELS = {"kakaotalk": "nhn_alimtalk", "sms": "sens_sms"}
    settings.PAYMENT_PROVIDERS = ["kakaopay"]
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, "erased_payments": 2192}
    settings.PRIVACY_CONTACT = {"ko": "디지털안전과 000-000-0000", "en": "Digital Safety 000-000-0000"}
    page = policy()
    assert "NHN Cloud, NAVER Cloud" in page and "카카오페이" in page
    assert "Toss" not in page and "Twilio" not in page and "네이버페이" not in page
    assert "6년" in page and "5일 안에" in page and "디지털안전과 000-000-0000" in page
    assert "국번 없이 118" in page
    assert "Digital Safety 000-000-0000" in policy("en")
    settings.CHANNELS = {"sms": "sens_sms,twilio_sms"}
    assert "Twilio는 개인정보를 국외에서 처리합니다" in policy()


def test_every_page_leads_to_it() -> None:
    cast.offer_all()
    assert '<a href="/privacy/"><strong>' in Client().get("/").content.decode()
