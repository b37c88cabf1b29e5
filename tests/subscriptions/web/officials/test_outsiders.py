"""One table of all that the installation routes: who opens what of the staff's.

Every route of the officials is walked by an outsider of each kind and role, GET and POST; those of the administration
(call centre, dashboard, audit trail) in tests/secretary/test_admin_roles.py.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.models import BulkUpload, Citizen, Official
from subscriptions.web.officials.urls import urlpatterns
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
SIGN_IN = "/officials/login/"
# Who opens an officials' page: all people, those who register seniors, the office manager, or both of an office.
OPEN, OFFICIAL, MANAGER, OFFICE = "all", {"official"}, {"manager"}, {"official", "manager"}
TABLE: dict[str, Any] = {
    **dict.fromkeys(("login", "second_factor", "recovery", "enrol", "logout", "accept_invitation"), OPEN),
    **dict.fromkeys(("my_second_factor", "another_authenticator", "recovery_codes", "more_time", "password"), OFFICE),
    **dict.fromkeys(("list", "entry", "moves", "figures", "office_reach", "office_reach_people", "lists"), OFFICE),
    **dict.fromkeys(("staff", "staff_member"), MANAGER),
    **dict.fromkeys(
        (
            "register",
            "slip",
            "slip_again",
            "correct",
            "move",
            "end",
            "office_calls",
            "office_call",
            "family",
            "end_family",
        ),
        OFFICIAL,
    ),
    **dict.fromkeys(("empty_csv", "empty_xlsx"), OFFICIAL),
    **dict.fromkeys(("list_of_seniors", "wrong_rows"), OFFICE),
}
# All else that is routed, by the first part of its address: no page of staff. "" is the landing page.
NO_STAFF = {
    *(
        "",
        "display",
        "erased",
        "family",
        "healthz",
        "i18n",
        "inbox",
        "my-data",
        "pay",
        "privacy",
        "readyz",
        "settings",
        "sign-in",
        "sign-up",
    ),
    *("toss", "verify", "webhooks", "year"),
    *("api", "agencies"),  # of agencies: tests/notifications/agencies
}
REFUSED = {"citizen_id": "registration.refused", "upload_id": "list.refused", "official_id": "official.refused"}
REASON = {"reason": "궁금합니다", "office": "9911051000", "confirmed": "9911051000", "phone": "010-0000-0009"}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def routes(patterns: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All that is routed, with its whole address."""
    for pattern in patterns:
        here = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        else:
            yield here, pattern


def officials_routes() -> list[URLPattern]:
    """Those of the officials' pages, in whichever module they stand."""
    return [route for address, route in routes(get_resolver().url_patterns) if address.startswith("officials/")]


def official(name: str, *, manager: bool = False, active: bool = True) -> tuple[Client, Official]:
    made = cast.official(name)
    Official.objects.filter(pk=made.pk).update(manager=manager, active=active)
    client = Client()
    client.force_login(made.user, backend=BACKEND)
    return client, made


def page_of(route: URLPattern, rows: dict[str, Any]) -> str:
    name = f"officials:{route.name}" if route in urlpatterns else str(route.name)
    return reverse(name, args=[rows[name] for name in route.pattern.converters])


def both(client: Client, page: str) -> list[Any]:
    """The answers to GET and POST; a method that the page does not know is no answer."""
    return [answer for answer in (client.get(page), client.post(page, REASON)) if answer.status_code != 405]


def test_every_route_is_in_the_table() -> None:
    assert {str(route.name) for route in officials_routes()} == set(TABLE)
    first = {address.partition("/")[0] for address, _route in routes(get_resolver().url_patterns)}
    assert first - {"admin", "officials"} == NO_STAFF, "a new first part: is it a page of staff?"


def test_outsiders_of_every_kind_and_role_open_no_page_of_officials() -> None:
    rows = {"citizen_id": UUID(int=1), "upload_id": 1, "official_id": 1}
    clients = {role: staff_client(f"member{number}", role) for number, role in enumerate(roles.ROLES)}
    clients |= {"visitor": Client(), "staff without a role": Client(), "switched off": official("off", active=False)[0]}
    clients["staff without a role"].force_login(User.objects.create_user("bare", is_staff=True), backend=BACKEND)
    wrong = []
    for who, client in clients.items():
        client.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
        for route in officials_routes():
            if TABLE[str(route.name)] == OPEN:
                continue
            answers = both(client, page_of(route, rows))
            if any(answer.headers.get("Location") != SIGN_IN for answer in answers) or not answers:
                wrong.append((who, route.name))
    assert not wrong


def test_officials_and_managers_open_their_own_pages_and_no_row_of_another_office() -> None:
    other = cast.official("other", "9911052000")
    citizen = cast.register(other)
    upload = BulkUpload.objects.create(official=other, uploaded_at=cast.NOW, expires_at=cast.NOW)
    rows = {"citizen_id": citizen.pk, "upload_id": upload.pk, "official_id": other.pk}
    objects = {"upload_id": f"upload:{upload.pk}", "official_id": f"official:{other.pk}"}
    before = Citizen.objects.filter(pk=citizen.pk).values().get()
    wrong = []
    for who in ("official", "manager"):
        client, _own = official(who, manager=who == "manager")
        for route in officials_routes():
            admitted = TABLE[str(route.name)]
            if admitted == OPEN:
                continue
            about = next(iter(route.pattern.converters), "")
            seen = AuditEvent.objects.filter(action=REFUSED.get(about, "none"), object=objects.get(about, "")).count()
            answers = [answer.status_code for answer in both(client, page_of(route, rows))]
            noted = AuditEvent.objects.filter(action=REFUSED.get(about, "none"), object=objects.get(about, "")).count()
            if who not in admitted:
                good = set(answers) == {403}
            elif about:
                good = set(answers) == {404} and noted - seen == len(answers)
            else:
                good = answers[0] in (200, 302) and SIGN_IN not in str(answers)
            if not good:
                wrong.append((who, route.name, answers, noted - seen))
    assert not wrong
    assert Citizen.objects.filter(pk=citizen.pk).values().get() == before
    assert Official.objects.get(pk=other.pk).active
