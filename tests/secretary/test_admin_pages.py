"""Every model of ours is in the admin, and none of its pages falls over."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from subscriptions.accounts import roles
from tests.subscriptions.admin.ninth_type import staff, staff_client
from tests.support.authenticators import authenticator, shown
from tests.support.together import in_one_test

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
OURS = ("secretary", "subscriptions", "notifications", "payments", "citizens")


def our_models() -> list[type[Model]]:
    """Without the copies that pghistory keeps of rows: their pages are those of the rows."""
    models = [model for model in apps.get_models() if model.__module__.partition(".")[0] in OURS]
    return [model for model in models if not hasattr(model, "pgh_tracked_model")]


def test_no_part_is_left_out() -> None:
    assert {model.__module__.partition(".")[0] for model in our_models()} == set(OURS)


@pytest.fixture
def administrator(db: None) -> Client:
    return staff_client("administrator", superuser=True)


@in_one_test("model", our_models(), ids=lambda model: model.__name__)
def test_every_model_is_registered(model: type[Model]) -> None:
    assert admin.site.is_registered(model)


def test_every_list_and_add_page_answers(administrator: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert administrator.get(reverse(f"{name}_changelist")).status_code == 200, model
        if type(model_admin).has_add_permission is admin.ModelAdmin.has_add_permission:
            assert administrator.get(reverse(f"{name}_add")).status_code == 200, model


def test_what_is_listed_for_a_role_is_what_django_lists(rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    staff_client("root", superuser=True)
    User.objects.create_superuser("gone", is_active=False)
    names = [staff(f"one-{role}", role).username for role in roles.ROLES]
    visitor = AnonymousUser()
    for name in ("root", *names, "gone", "", *names):
        request.user = User.objects.get(username=name) if name else visitor
        for label, language in product((None, "auth", "subscriptions"), ("ko", "en", "ko")):
            with translation.override(language):
                ours = admin.site.get_app_list(request, label)
                django = AdminSite._build_app_dict(admin.site, request, label)
                assert {each["app_label"]: each["models"] for each in ours} == {
                    each: sorted(app["models"], key=lambda model: model["name"]) for each, app in django.items()
                }, (name, label, language)
                for each in ours:
                    assert each | {"models": []} == django[each["app_label"]] | {"models": []}


def test_the_models_of_a_page_are_drawn_as_django_draws_them(rf: RequestFactory) -> None:
    django = engines["django"].from_string(
        Path(admin.__path__[0], "templates/admin/app_list.html").read_text(encoding="utf-8")
    )
    staff_client("root", superuser=True)
    staff("reader", roles.READER)
    User.objects.create_user("nothing", is_staff=True)
    paths = ("/admin/", "/admin/auth/", "/admin/auth/user/1/change/", "/admin/notifications/notice/", "/admin/")
    for path, name, links in product(paths, ("root", "reader", "nothing", "root"), (True, False)):
        request = rf.get(path)
        request.user = User.objects.get(username=name)
        for language in ("ko", "en"):
            with translation.override(language):
                given = {"app_list": admin.site.get_app_list(request), "show_changelinks": links}
                ours = render_to_string("admin/app_list.html", given, request)
                assert ours.split() == django.render(given, request).split(), (path, name, links, language)


def test_the_overview_answers_on_an_empty_database(administrator: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20):
        page = administrator.get("/admin/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_production_refuses_sign_ins_without_the_second_factor(client: Client, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    user = User.objects.create_superuser("carol", password="not-a-real-password")
    device = authenticator(user)
    typed = {"username": "carol", "password": "not-a-real-password", "next": "/admin/subscriptions/agency/"}
    answer = client.post("/admin/login/", typed)
    assert answer["Location"] == "/admin/login/code/"
    assert client.get("/admin/").status_code == 302
    answer = client.post("/admin/login/code/", {"code": shown(device)})
    assert answer["Location"] == "/admin/subscriptions/agency/"
    assert client.get("/admin/").status_code == 200


def test_the_code_is_sent_once_and_no_page_repeats_the_password(client: Client) -> None:
    user = User.objects.create_superuser("carol", password="not-a-real-password")
    device = authenticator(user)
    typed = {"username": "carol", "password": "not-a-real-password", "next": "https://elsewhere.example/"}
    page = client.post("/admin/login/", typed, follow=True)
    assert page.status_code == 200
    assert "not-a-real-password" not in page.content.decode()
    page = client.post("/admin/login/code/", {"code": shown(device)}, follow=True)
    assert page.redirect_chain == [("/admin/", 302)]


def test_staff_without_a_required_device_are_led_to_set_one_up(client: Client, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    User.objects.create_superuser("carol", password="not-a-real-password")
    page = client.post("/admin/login/", {"username": "carol", "password": "not-a-real-password"})
    assert page["Location"] == "/admin/login/set-up/"
    assert client.get("/admin/").status_code == 302
