"""Every address of the administration, as each role and as outsiders: without the right they get 403 (or the sign-in)
and change nothing."""

from collections.abc import Iterator
from copy import copy
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from notifications.models import AgencyKey, Alarm, ChannelState, Feed
from subscriptions.accounts import one_session, roles
from subscriptions.models import DataTypeVersion, MessageTemplate, Official
from subscriptions.web import middleware
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff
from tests.support.authenticators import authenticator
from tests.support.prepared_database import digests_of
from tests.support.present import present

pytestmark = pytest.mark.django_db
MARKER = "0000000000"
FREE = {
    *("index", "login", "logout", "second_factor", "recovery", "enrol", "password_change", "password_change_done"),
    *("my_second_factor", "another_authenticator", "recovery_codes", "jsi18n"),
}
# Pages of no one model: the right that each takes; "" for all staff, whose rights then decide row by row.
PAGES = {
    **dict.fromkeys(("more_time", "app_list", "autocomplete", "view_on_site"), ""),
    **dict.fromkeys(("reach_report", "reach_csv", "reach_kind", "reach_notices"), "notifications.view_reachday"),
    "dashboard": "notifications.view_deliveryhour",
    "try_messages": "subscriptions.change_datatypeversion",
    "subscriptions_template_codes": "subscriptions.change_datatypeversion",
}
# Addresses that are not Django's own five of a model: the right that each takes. "find" is a look, as its list is.
OWN = {
    "find": "view",
    "file": "view",
    "reveal": "subscriptions.reveal_citizen",
    "export": "common.export_auditevent",
    "step": "change",
    "test": "change",
    "replace": "change",
    "changelist": "view",
    "change": "view",
    "history": "view",
    "add": "add",
    "delete": "delete",
}
DRAWN_ELSEWHERE = ("_change", "_add", "_delete", "_history")  # where a role may; lists are enough here
# A publication is cancelled, and a message tried on one's own telephone, by those who may write and who may approve.
ALSO = dict.fromkeys(("subscriptions_datatypeversion_cancel", "try_messages"), "subscriptions.approve_datatypeversion")
EDITOR_DECISIONS = ("approve", "send_back", "template_code_decision")


@pytest.fixture(scope="module")
def urls(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Name → an address that leads to a row, where there is one. Made once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        fine = make_data_type()
        enrol(1, fine)
        ingest(record(1))
        ChannelState.objects.create(channel="sms")
        Alarm.objects.create(kind="feed", subject="x", message="m", raised_at=MORNING)
        key = AgencyKey(key_id="k", feed=Feed.objects.earliest("pk"))
        key.secret = "whsec_AAAA"
        key.save()
        authenticator(cast.official("clerk").user)
        rows = {f"{item._meta.app_label}_{item._meta.model_name}_": row_of(item) for item in admin.site._registry}
        template = MessageTemplate.objects.filter(stage__version=fine.live_version).earliest("pk")
        given = {
            "step": "clear",
            "stage_id": template.stage_id,
            "channel": template.channel,
            "language": template.language,
            "other": fine.live_version_id,
            "name": "amount",
            "app_label": "subscriptions",
            "content_type_id": 1,
            "url": "x",
        }
        yield {
            pattern.name: _url(pattern, given, next((rows[key] for key in rows if pattern.name.startswith(key)), 1))
            for pattern in _patterns()
            if pattern.name and pattern.name not in FREE
        }
        transaction.set_rollback(True)


def row_of(model: Any) -> Any:
    return model._default_manager.order_by("pk").values_list("pk", flat=True).first() or MARKER


def _url(pattern: URLPattern, given: dict[str, Any], row: Any) -> str:
    arguments = {name: given.get(name, row) for name in pattern.pattern.regex.groupindex}
    return reverse(f"admin:{pattern.name}", kwargs=arguments)


def _patterns(patterns: Any = None) -> Iterator[URLPattern]:
    for pattern in patterns or admin.site.urls[0]:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@cache
def needed(name: str, method: str) -> str:
    """The right that this address takes; "" where being staff is enough."""
    if name.startswith("call_centre"):
        return "subscriptions.help_caller"
    for model in sorted(admin.site._registry, key=lambda item: -len(present(item._meta.model_name))):
        label, model_name = model._meta.app_label, model._meta.model_name
        if not name.startswith(f"{label}_{model_name}_"):
            continue
        page = name.removeprefix(f"{label}_{model_name}_")
        if model is DataTypeVersion and page not in ("changelist", "change", "history", "add", "delete"):
            verb = "approve" if page in EDITOR_DECISIONS else "view" if method == "get" else "change"
            return f"{label}.{verb}_{model_name}"
        if page == "password_change":
            return "auth.change_user"
        verb = OWN[page]
        return verb if "." in verb else f"{label}.{verb}_{model_name}"
    return PAGES[name]  # a new page needs its line there


def digest_of_everything() -> dict[str, str]:
    """Table → hash of its rows, but for sessions, sign-in logs and the trail, which reading writes."""
    written = {"django_session", "common_auditevent", "common_auditpending", "axes_accesslog", "subscriptions_attempt"}
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in written
    ]
    with connection.cursor() as cursor:
        return digests_of(cursor, tables)


def read_once(user: User, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the rights of this account. Account, rights and session are as at its first request in each later one:
    hundreds would read the same and put off the session's end, which takes half of their time."""
    held: set[str] = user.get_all_permissions()  # kept with the account, by the backend itself
    monkeypatch.setattr(ModelBackend, "get_user", lambda _, pk: copy(user) if pk == user.pk else None)
    monkeypatch.setattr(middleware, "_is_due", lambda _: False)
    monkeypatch.setattr(middleware, "is_current", cache(one_session.is_current))
    return held


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_opens_what_its_rights_say(urls: dict[str, str], role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client, member = signed_in(role)
    held = read_once(member, monkeypatch)
    assert held == roles.ROLES[role]
    before = digest_of_everything()
    opened, wrong = 0, []
    for name, url in sorted(urls.items()):
        right = needed(name, "get")
        if not right or not _may(held, right) or name.endswith(DRAWN_ELSEWHERE):
            continue
        status = status_of(client.get(url))
        opened += status == 200
        if status >= 500 or (status == 403 and not _is_fixed(name)):
            wrong.append((name, status, right))
    assert not wrong
    assert opened > 3
    assert digest_of_everything() == before


def test_without_its_right_no_address_opens_whatever_else_an_account_may(
    urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every right of all roles together but the one that the address takes: no role has as many of those that do not
    open it, and what decides is the rights alone."""
    client, member = signed_in(*roles.ROLES)
    read_once(member, monkeypatch)
    all_rights, before = set().union(*roles.ROLES.values()), digest_of_everything()
    tried, wrong = 0, []
    for name, url in sorted(urls.items()):
        for method in ("get", "post"):
            if not (right := needed(name, method)):
                continue
            member._perm_cache = {each for each in all_rights if not _may({each}, right)} - {ALSO.get(name)}
            status = status_of(getattr(client, method)(url))
            tried += 1
            if status in (200, 302) or status >= 500:
                wrong.append((name, method, status, right))
    assert not wrong
    assert tried > 500
    assert digest_of_everything() == before


def signed_in(*names: str) -> tuple[Client, Any]:
    """A browser of an account with these roles, and the account as its requests will find it."""
    client, member = Client(), staff("member", *names)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client, User.objects.get(pk=member.pk)


def status_of(answer: Any) -> int:
    """404 also where Django leads away from a row that is not there."""
    return 404 if answer.headers.get("Location") == "/admin/" else int(answer.status_code)


def _may(held: set[str], right: str) -> bool:
    """A view is open to a role that may change, as everywhere in Django's administration."""
    app, _, codename = right.partition(".")
    return right in held or (
        codename.startswith("view_") and f"{app}.{codename.replace('view_', 'change_', 1)}" in held
    )


def _is_fixed(name: str) -> bool:
    """Pages that no role has: rows that machines write, accounts that are never deleted."""
    return name.endswith(("_add", "_delete", "_password_change", "_step", "_reveal", "_history"))


@pytest.mark.parametrize("who", ["visitor", "official", "office manager", "staff without a role"])
def test_outsiders_get_nowhere(urls: dict[str, str], who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    if who in ("official", "office manager"):
        outsider = cast.official("outsider")
        Official.objects.filter(pk=outsider.pk).update(manager=who == "office manager")
        client.force_login(outsider.user, backend="django.contrib.auth.backends.ModelBackend")
        read_once(User.objects.get(pk=outsider.user.pk), monkeypatch)
    elif who != "visitor":
        user = User.objects.create_user("outsider", is_staff=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        read_once(User.objects.get(pk=user.pk), monkeypatch)
    before = digest_of_everything()
    for name, url in sorted(urls.items()):
        for method in ("get", "post"):
            answer = getattr(client, method)(url)
            if who == "staff without a role":
                shut = answer.status_code in (403, 404, 405) or answer.headers.get("Location") == "/admin/"
                assert shut or not needed(name, method), (name, method)
            else:
                assert answer.status_code == 302, (name, method)
                assert answer["Location"].startswith("/admin/login/"), (name, method)
    assert digest_of_everything() == before


def test_every_page_is_for_some_role() -> None:
    """A new model's page needs a role that may see it (subscriptions/accounts/roles.py)."""
    all_rights = set().union(*roles.ROLES.values())
    unseen = [
        model._meta.label
        for model in admin.site._registry
        if f"{model._meta.app_label}.view_{model._meta.model_name}" not in all_rights
    ]
    assert unseen == []


def test_the_shipped_roles_are_groups_and_no_page_changes_them() -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    for name in roles.ROLES:
        group = Group.objects.get(name=name)
        assert {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()} == roles.ROLES[name]
        url = f"/admin/auth/group/{group.pk}/"
        assert root.post(f"{url}change/", {"name": "taken over"}).status_code == 403
        assert root.post(f"{url}delete/", {"post": "yes"}).status_code == 403


def test_logs_of_failures_cannot_be_deleted(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/admin/login/", {"username": "root", "password": "wrong"})
    for name in ("accessattempt", "accessfailurelog", "accesslog"):
        model = apps.get_model("axes", name)
        row = row_of(model)
        count = model._default_manager.count()
        assert client.post(f"/admin/axes/{name}/{row}/delete/", {"post": "yes"}).status_code == 403
        marked = {"action": "delete_selected", "_selected_action": [row], "post": "yes"}
        client.post(f"/admin/axes/{name}/", marked)
        assert model._default_manager.count() == count
