"""Programs (agencies, gateways) are answered without what surrounds a page, and with every header that protects."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
PUSH = "/api/agencies/v1/records"
PROTECTING = ("X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy")


@pytest.mark.parametrize("path", [PUSH, "/webhooks/nhn/", "/webhooks/payments/elsewhere/"])
def test_no_session_and_no_language_is_looked_for(client: Client, path: str) -> None:
    client.cookies["sessionid"] = "x" * 32
    answer = client.post(path, b"{}", content_type="application/json", headers={"accept-language": "en"})
    assert 400 <= answer.status_code < 500
    asked = answer.wsgi_request
    assert not any(hasattr(asked, name) for name in ("session", "user", "LANGUAGE_CODE"))
    assert not answer.cookies
    assert all(answer.headers.get(name) for name in PROTECTING)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_a_foreign_host_is_refused(client: Client) -> None:
    answer = client.post(PUSH, b"{}", content_type="application/json", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400


def test_an_address_that_is_not_there_has_the_page_of_all_others(client: Client) -> None:
    answer = client.get("/webhooks/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == "en"
    assert "<html" in answer.content.decode()
