"""Staff choose text size, contrast and language as citizens do, on the page for signing in too, and it stays."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


def test_the_administration_is_read_in_the_chosen_size_and_contrast() -> None:
    client = Client()
    assert 'action="/display/"' in client.get("/admin/login/").content.decode()
    for choice in ({"text_size": "150"}, {"contrast": "on"}):
        assert client.post("/display/", {**choice, "next": "/admin/login/"})["Location"] == "/admin/login/"
    client.post("/i18n/setlang/", {"language": "en", "next": "/admin/login/"})
    page = client.get("/admin/login/").content.decode()
    assert "size-150 contrast" in page and '<html lang="en"' in page and "Turn high contrast off" in page
    client.force_login(User.objects.create_superuser("chief"), backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/admin/", "/admin/subscriptions/citizen/", "/admin/call-centre/"):
        assert "size-150 contrast" in client.get(path).content.decode(), path
    client.post("/display/", {"contrast": "off", "next": "/admin/"})
    assert "size-150 contrast" not in client.get("/admin/").content.decode()
