"""Every officials' page, by its routes: closed to visitors, and for another office's person as if there were none."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from secretary.kernel.models import AuditEvent
from subscriptions.models import Citizen
from subscriptions.web.officials.urls import urlpatterns
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
OPEN = {"login", "second_factor", "logout"}
ABOUT_ONE = [str(route.name) for route in urlpatterns if "citizen_id" in str(route.pattern)]
VALUES = {"citizen_id": UUID(int=1), "upload_id": 1}
REASON = {"reason": "궁금합니다", "office": "9911051000", "confirmed": "9911051000", "phone": "010-0000-0009"}


def test_a_visitor_is_led_to_the_sign_in_from_every_page(client: Client) -> None:
    pages = [
        reverse(f"officials:{route.name}", args=[VALUES[name] for name in route.pattern.converters])
        for route in urlpatterns
        if route.name not in OPEN
    ]
    for page in pages:
        for answer in (client.get(page), client.post(page, REASON)):
            assert answer.status_code == 405 or answer["Location"] == "/officials/login/", page


def test_another_offices_person_is_not_found_on_any_page_and_each_attempt_is_on_record(client: Client) -> None:
    citizen = cast.register(cast.official("other", "9911052000"))
    cast.official()
    client.post("/officials/login/", PASSWORD)
    before = Citizen.objects.filter(pk=citizen.pk).values().get()
    for name in ABOUT_ONE:
        page = reverse(f"officials:{name}", args=[citizen.pk])
        assert client.get(page).status_code == 404, name
        assert client.post(page, REASON).status_code in (404, 405), name
    assert Citizen.objects.filter(pk=citizen.pk).values().get() == before
    refused = AuditEvent.objects.filter(action="registration.refused", citizen_id=citizen.pk)
    assert refused.count() == 2 * len(ABOUT_ONE) - 1 >= 9  # a slip is not posted
