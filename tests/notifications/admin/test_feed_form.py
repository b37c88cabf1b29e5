"""Test the form by which an administrator sets up a feed."""

import json

import pytest

from notifications.models import Feed
from subscriptions.models import Agency
from tests.subscriptions.admin.ninth_type import agency, staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mofa(db: None) -> Agency:
    return agency()


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("carrier_pigeon", {}),
        ("http_pull", {}),
        ("http_pull", {"url": "http://a.example/", "colour": "red"}),
        ("file_drop", []),
        ("file_drop", {"folder": 3}),
    ],
)
def test_what_no_connector_could_use_is_refused(mofa: Agency, kind: str, settings: object) -> None:
    operator = staff_client("operator")
    typed = {"name": "mofa-in", "agency": str(mofa.pk), "kind": kind, "settings": json.dumps(settings)}
    answer = fill_in(operator, "/admin/notifications/feed/add/", **typed)
    assert "errornote" in answer.content.decode()
    assert not Feed.objects.exists()


def test_the_form_shows_how_settings_are_written_and_an_unknown_name_those_that_there_are(mofa: Agency) -> None:
    operator = staff_client("operator")
    assert "a-folder" in operator.get("/admin/notifications/feed/add/").content.decode()
    typed = {"name": "mofa-in", "agency": str(mofa.pk), "kind": "file_drop", "settings": '{"folder": "x", "foo": 1}'}
    answer = fill_in(operator, "/admin/notifications/feed/add/", **typed)
    assert "there are columns, constants, delimiter" in answer.content.decode()


@pytest.mark.parametrize("url", ["http://collector.example/", "https://apis.data.go.kr.evil.example/", "http://a@b/"])
def test_a_feed_that_would_carry_our_key_elsewhere_is_refused(mofa: Agency, url: str) -> None:
    operator = staff_client("operator")
    typed = {"name": "mofa-in", "agency": str(mofa.pk), "kind": "http_pull", "settings": json.dumps({"url": url})}
    page = fill_in(operator, "/admin/notifications/feed/add/", **typed).content.decode()
    assert "errornote" in page
    assert ("DATA_GO_KR_HOSTS" in page) == ("@" not in url)
    assert not Feed.objects.exists()


def test_a_feed_from_the_portals_own_host_is_saved(mofa: Agency) -> None:
    operator = staff_client("operator")
    url = "https://apis.data.go.kr/1262000/Passport/records"
    typed = {"name": "mofa-in", "agency": str(mofa.pk), "kind": "http_pull", "settings": json.dumps({"url": url})}
    fill_in(operator, "/admin/notifications/feed/add/", **typed)
    assert Feed.objects.get().settings == {"url": url}


def test_a_feed_that_can_be_read_is_saved(mofa: Agency) -> None:
    operator = staff_client("operator")
    typed = {"name": "mofa-in", "agency": str(mofa.pk), "kind": "file_drop", "settings": '{"folder": "mofa"}'}
    fill_in(operator, "/admin/notifications/feed/add/", **typed)
    assert Feed.objects.get().settings == {"folder": "mofa"}
