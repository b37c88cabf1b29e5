"""Every model of ours is in the admin, and none of its pages falls over."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db
OURS = ("common", "subscriptions", "notifications")
HISTORY = "Event"  # pghistory's tables of a tracked model


def our_models() -> list[type[Model]]:
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return [model for model in models if not hasattr(model, "pgh_tracked_model")]


@pytest.fixture
def administrator(db: None) -> Client:
    return staff_client("administrator")


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_model_is_registered(model: type[Model]) -> None:
    assert admin.site.is_registered(model)


def test_every_list_and_add_page_answers(administrator: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert administrator.get(reverse(f"{name}_changelist")).status_code == 200, model
        if type(model_admin).has_add_permission is admin.ModelAdmin.has_add_permission:
            assert administrator.get(reverse(f"{name}_add")).status_code == 200, model


def test_the_overview_answers_on_an_empty_database(administrator: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(20):
        page = administrator.get("/admin/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
