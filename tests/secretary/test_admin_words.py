"""No page of the administrators' site shows the raw name of an app, a model or a column, in Korean or English."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

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
