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
from payments.tariffs.ladder import tariffs
from payments.words import PROVIDERS, TARIFFS
from secretary.kernel.models import ScheduledRun
from secretary.kernel.scheduled_runs import JOBS
from subscriptions.data_types.load import SOURCE
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, TemplateVariant
from tests.notifications.cast import MORNING, make_data_type
from tests.plugin import ROOT
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.present import present

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
    ("channelstate", "reason"), ("bulkupload", "refusal"), ("providerstate", "reason"),
    ("attempt", "what"), ("alarm", "kind"), ("feed", "kind"), ("auditevent", "action"),
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


@pytest.mark.parametrize("language", ["ko", "en"])
def test_data_types_their_versions_and_their_tariffs_have_names(language: str) -> None:
    kind, draft = make_data_type(), make_data_type("passport_expiry")
    DataTypeVersion.objects.filter(data_type=draft).update(
        name_ko="여권 만료", name_en="Passport expiry", state="draft"
    )
    DataType.objects.filter(pk=draft.pk).update(live_version=None)
    DataType.objects.filter(pk=kind.pk).update(payable="traffic_fine")
    template = MessageTemplate.objects.filter(stage__version__data_type=kind, channel="kakaotalk").first()
    TemplateVariant.objects.create(template=present(template), key="0,1", vendor_template="v-1")
    client = staff_client("administrator", superuser=True)
    names = {"ko": ("교통과태료", "여권 만료", "카카오톡"), "en": ("Traffic fine", "Passport expiry", "KakaoTalk")}[
        language
    ]
    wrong = []
    wanted = {
        "subscriptions/subscription/": names[:2],
        "subscriptions/datatypeversion/": names[:2],
        "subscriptions/stage/": names[:1],
        "subscriptions/messagetemplate/?channel=kakaotalk": (names[0], names[2]),
        "subscriptions/templatevariant/": (names[0], names[2]),
    }
    for url, words in wanted.items():
        page = client.get(f"/admin/{url}", headers={"accept-language": language}).content.decode()
        wrong += [(url, code) for code in ("traffic_fine", "passport_expiry") if code in page]
        wrong += [(url, each) for each in words if each not in page]
    assert not wrong
    narrowed = client.get(f"/admin/subscriptions/datatypeversion/?data_type__id__exact={draft.pk}")
    assert [row.data_type_id for row in narrowed.context["cl"].result_list] == [draft.pk]
    row = client.get(f"/admin/subscriptions/datatype/{kind.pk}/change/", headers={"accept-language": language})
    with translation.override(language):
        assert str(TARIFFS["traffic_fine"]) in row.content.decode()


def test_each_job_has_words() -> None:
    written = {"poll_settled"}  # payments/checkout/poll_settled.py, by a constant
    for app in ("secretary", "subscriptions", "notifications", "payments", "citizens"):
        for path in (ROOT / app).rglob("*.py"):
            written |= set(re.findall(r'(?:first_of_run|alone)\(name="(\w+)"', path.read_text(encoding="utf-8")))
    assert set(JOBS) == written
    ScheduledRun.objects.create(name="match_due", due_at=MORNING, started_at=MORNING)
    page = staff_client("administrator", superuser=True).get("/admin/common/scheduledrun/").content.decode()
    assert "날짜가 된 정보 대조" in page and "match_due" not in page


def test_an_alarm_says_in_words_what_it_is_about() -> None:
    raise_alarm(kind="audit_unsealed", subject="audit trail", message="x", now=MORNING)
    raise_alarm(kind="not_published", subject="version 12", message="x", now=MORNING)
    raise_alarm(kind="feed", subject="경찰청 과태료", message="x", now=MORNING)
    with translation.override("ko"):
        places = {alarm.place for alarm in Alarm.objects.all()}
    assert places == {"감사 기록", "행정정보 종류 버전 12", "경찰청 과태료"}
