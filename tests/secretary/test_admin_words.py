"""No page of the administrators' site shows the raw name of an app, a model or a column, in Korean or English."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.contrib.auth import get_user_model
from django.db.models import CharField, Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from notifications.admin.code_words import DELIVERY_STATES, FEED_KINDS, TRIAL_STATES, VERDICTS
from notifications.alarms import raise_alarm
from notifications.channels.contract import Verdict
from notifications.models import Alarm, Feed
from notifications.sources.registry import kinds
from notifications.states import DELIVERY_MOVES, TRIAL_MOVES
from payments.providers.registry import ports, providers
from payments.tariffs.registry import tariffs
from payments.words import PROVIDERS, TARIFFS
from subscriptions.data_types.load import SOURCE
from subscriptions.models import DataTypeVersion
from tests.notifications.cast import MORNING
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db
HANGUL = re.compile("[가-힣]")
RAW = re.compile(
    r"^(Axes|Otp.totp|Pk|ID|(?!key|webhook)\w+ id|\w+ (hash|digest|encrypted))$", re.I
)  # as Django makes it of a name


def addresses() -> Iterator[tuple[type[Model], str]]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield model, reverse(f"{name}_changelist")


def texts(page: str, pattern: str) -> list[str]:
    """What stands in these elements, without tags."""
    return [unescape(re.sub(r"<[^>]+>", " ", found)).strip() for found in re.findall(pattern, page, re.DOTALL)]


def headings_of_list(model: type[Model]) -> list[str]:
    """The headings of the model's list, which the page draws with rows only."""
    model_admin: Any = admin.site._registry[model]
    names = model_admin.get_list_display(RequestFactory().get("/"))
    return [str(label_for_field(name, model, model_admin)) for name in names]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_apps_models_and_columns_have_words(language: str) -> None:
    client: Client = staff_client("administrator", superuser=True)
    index = client.get("/admin/", headers={"accept-language": language}).content.decode()
    named = texts(index, r"<caption>(.*?)</caption>") + texts(index, r'<th scope="row"[^>]*>(.*?)</th>')
    assert len(named) > 60
    with translation.override(language):
        for model, url in addresses():
            page = client.get(url, headers={"accept-language": language}).content.decode()
            named += texts(page, r"<h1>(.*?)</h1>")
            named += headings_of_list(model)
    raw = {text for text in named if RAW.match(text) or (language == "ko" and not HANGUL.search(text))}
    assert not raw


# Columns of short texts that are no codes: names, numbers, and codes that people give, type or quote.
NAMES = {
    "actor", "agency_name_ko", "agency_phone", "batch_key", "by_id", "code", "declared_by", "event", "field", "key_id",
    "label_ko", "name", "name_ko", "number", "paper_form", "phone", "receipt_number", "recipient", "refusal_detail",
    "resolved_by", "title", "value", "gateway", "username", "rule", "what", "where", "reference", "external_id",
}  # fmt: skip
OF_OTHERS = {  # as the far side calls it, or a switch that is documented by this word
    ("providerevent", "kind"), ("eventcount", "kind"), ("settlement", "method"), ("feed", "versions"),
    ("channelstate", "reason"), ("bulkupload", "refusal"), ("refusedline", "reason"), ("datatype", "payable"),
    ("providerstate", "reason"),
    ("scheduledrun", "name"), ("attempt", "what"), ("alarm", "kind"), ("feed", "kind"), ("auditevent", "action"),
}  # fmt: skip
SHORT = 60


def test_each_column_of_codes_has_words_for_them() -> None:
    """A new column with a short text: give it `value_words`, or name it above."""
    client = staff_client("administrator", superuser=True)
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(pk=client.session["_auth_user_id"])
    raw: list[tuple[str, str]] = []
    for model, model_admin in admin.site._registry.items():
        shown: set[Any] = {*model_admin.get_list_display(request), *(model_admin.get_fields(request) or ())}
        for column in model._meta.get_fields():
            is_code = isinstance(column, CharField) and (column.max_length or 99) <= SHORT and not column.choices
            place = (str(model._meta.model_name), column.name)
            if is_code and column.name in shown and column.name not in NAMES and place not in OF_OTHERS:
                raw.append(place)
    assert not raw, raw


def test_the_words_for_codes_know_each_code() -> None:
    assert set(DELIVERY_STATES) == set(DELIVERY_MOVES)
    assert set(TRIAL_STATES) == set(TRIAL_MOVES)
    assert set(VERDICTS) == set(Verdict)
    assert set(FEED_KINDS) == {Feed.PUSH, *kinds()}
    assert set(PROVIDERS) == {*providers(), *ports()}
    assert set(TARIFFS) == set(tariffs())
    assert {SOURCE, "admin"} == set(DataTypeVersion.SOURCES)


def test_an_alarm_says_in_words_what_it_is_about() -> None:
    raise_alarm(kind="audit_unsealed", subject="audit trail", message="x", now=MORNING)
    raise_alarm(kind="not_published", subject="version 12", message="x", now=MORNING)
    raise_alarm(kind="feed", subject="경찰청 과태료", message="x", now=MORNING)
    with translation.override("ko"):
        places = {alarm.place for alarm in Alarm.objects.all()}
    assert places == {"감사 기록", "행정정보 종류 버전 12", "경찰청 과태료"}
