"""No page is kept in a cache, but for one that says itself how long it may be."""

from email.utils import formatdate

from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.cache import add_never_cache_headers
from time_machine import TimeMachineFixture

from secretary.kernel.http.middleware import no_store


def test_a_page_has_the_headers_that_django_writes_and_its_own_where_it_has_them() -> None:
    add_never_cache_headers(theirs := HttpResponse())
    ours = no_store(lambda _: HttpResponse("a page"))(RequestFactory().get("/"))
    assert ours.headers["Cache-Control"] == theirs.headers["Cache-Control"]
    assert "no-store" in ours.headers["Cache-Control"] and ours.headers["Expires"].endswith("GMT")
    kept = no_store(lambda _: HttpResponse(headers={"Cache-Control": "max-age=60"}))(RequestFactory().get("/"))
    assert kept.headers["Cache-Control"] == "max-age=60" and "Expires" not in kept.headers


def test_each_page_says_the_second_in_which_it_expired(time_machine: TimeMachineFixture) -> None:
    page = no_store(lambda _: HttpResponse("a page"))
    time_machine.move_to("2026-03-10T10:00:00+09:00", tick=False)
    for seconds in (0, 0.4, 0.4, 0.4, -60):
        time_machine.shift(seconds)
        expected = formatdate(usegmt=True)
        assert page(RequestFactory().get("/")).headers["Expires"] == expected
