"""However long a history is, each page of a citizen is one of at most 100 kB with all that it links, made by at most 15
statements, none of which waits for a row or has others wait. What is typed on it outlives a change of display.

A new page stands in benchmarks/rig/walk/citizen_pages.py, or here among what is no page.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from time_machine import travel

from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.population import fields_of
from benchmarks.rig.walk.browsers import session_keys
from benchmarks.rig.walk.citizen_pages import (
    CITIZEN,
    CODE_SENT,
    LIGHT_CODE_SENT,
    NEW_NUMBER_SENT,
    PAGES,
    VISITOR,
    Page,
)
from benchmarks.rig.walk.reader import LEFT_OUT, PERSON, Reader, make_reader
from notifications.models import Notice
from payments.models import Bill
from secretary.kernel.korean.korean import masked_name
from secretary.kernel.time.clock import kst_date
from subscriptions.data_types.load import load_catalogue
from tests.notifications.cast import MORNING
from tests.support.prepared_database import kept_for_a_file
from tests.support.together import Cases
from tests.support.typed_forms import FilledForms, Form
from tests.support.visible_words import english, hangul

MOST_BYTES, MOST_STATEMENTS = 100_000, 8
NOTICES = 2000
TODAY = kst_date(MORNING)
# As both languages write them: people, languages, companies, endings of files, an example of a check code.
COMPANIES = {"SKT", "KT", "LG", "PASS", "PortOne", "Solapi", "Toss", "Twilio"}
NAMES = {PERSON.name, masked_name(PERSON.name), "한국어", *COMPANIES, "ics", "zip", "HVC"}
LAW = re.compile(r"\([가-힣 ]+(?:법|령|기준)\b[^)]*\)")  # in Korean behind the English words
TRANSACTION = re.compile(r"^(?:RELEASE )?SAVEPOINT")  # of the test's own transaction: BEGIN and COMMIT in production
LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)
LINKED = re.compile(r'(?:href|src)="/static/([^"]+)"')
# Addresses of others than citizens, by how they begin.
OF_OTHERS = ("admin/", "officials/", "agencies/", "i18n/", "api/", "webhooks/", "healthz", "readyz", "metrics", "toss/")
# What is posted, what only leads elsewhere, and files that a browser stores.
NO_PAGES = {
    *("web:display", "web:leave", "web:try_again", "web:undo", "web:toss_start", "web:toss_end"),
    *("web:again", "web:sign_in_again", "web:settings_again", "web:number_again", "web:from_booking_site"),
    *("web:no_calls", "web:end_family", "own_data:ask", "own_data:download", "pay:ask", "pay:back", "pay:pdf"),
}
# The same page as the one that is walked, for another purpose.
SAME = {"web:settings_code"}
# Buttons of the header, what shows that they worked, and the field of a page that sets the same.
DISPLAYS = (
    ("set-size", "150", 'class="size-150', "text_size"),
    ("set-contrast", "on", " contrast", "contrast"),
    ("set-language", "en", '<html lang="en"', ""),
)
# A calendar reads it by itself, once in hours: it has all days to come, however many there are.
ANY_SIZE = {"year:feed"}

# Buttons: the browser in which they are seen, and what their address names.
OF_BUTTONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "web:display": (VISITOR, ()),
    "web:again": (CODE_SENT, ()),
    "web:sign_in_again": (LIGHT_CODE_SENT, ()),
    "web:number_again": (NEW_NUMBER_SENT, ()),
    "web:from_booking_site": (VISITOR, ("nowhere",)),
    "own_data:download": (CITIZEN, ("1",)),
    "pay:ask": (CITIZEN, ("=bill",)),
    "pay:back": (CITIZEN, ("=order", "success")),
    "pay:pdf": (CITIZEN, ("=order",)),
}
# What answers a post with a page, and why.
NOT_BY_REDIRECT = {
    "pay:check": "the way to the provider is a page (form-action); what stops a payment is said of this attempt alone, "
    "and posted once more it is checked anew and takes no money twice (tests/payments/checkout)",
}

made: dict[str, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def history(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One citizen with 2,000 notices, of which every record is open."""

    def prepare() -> None:
        with travel(MORNING, tick=False):
            load_catalogue(now=MORNING, approve=True)
            kinds = [kind for kind in announced_types() if kind.code != LEFT_OUT]
            made["reader"] = make_reader(
                kinds=kinds, left_out=LEFT_OUT, notices=NOTICES, still_open=NOTICES, now=MORNING
            )
            made["keys"] = session_keys(made["reader"], now=MORNING)

    with kept_for_a_file(prepare, blocker=django_db_blocker):
        yield


pytestmark = pytest.mark.django_db


def addresses(resolver: URLResolver, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every address, with the name of its route."""
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path, f"{space}{each.name}"
        else:
            yield from addresses(each, path, f"{each.namespace}:" if each.namespace else space)


def browser(page: Page) -> Client:
    client = Client()
    if key := made["keys"][page.browser]:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def opened(page: Page, reader: Reader, client: Client | None = None) -> Any:
    client = client or browser(page)
    form = page.form(reader)
    return client.get(page.path(reader)) if form is None else client.post(page.path(reader), form, follow=True)


def size(answer: Any) -> int:
    content = b"".join(answer) if answer.streaming else answer.content
    files = {finders.find(name) for name in LINKED.findall(content.decode())}
    assert None not in files
    return len(content) + sum(Path(str(file)).stat().st_size for file in files)


def test_every_address_of_a_citizen_is_walked_or_is_no_page() -> None:
    names = {name for path, name in addresses(get_resolver()) if not path.startswith(OF_OTHERS)}
    assert names - {page.route for page in PAGES} == NO_PAGES | SAME


def test_no_page_is_large_or_takes_many_statements(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    reader: Reader = made["reader"]
    assert Notice.objects.filter(citizen=reader.citizen).count() >= NOTICES
    assert Bill.objects.filter(citizen=reader.citizen, state="open").count() > 500
    cases = Cases()
    for page in PAGES:
        with cases.case(f"{page.path(reader)} {page.browser} {page.posted or ''}"):
            assert opened(page, reader).status_code == 200  # templates are compiled, once per process
            with CaptureQueriesContext(connection) as asked:
                answer = opened(page, reader)
            statements = [query["sql"] for query in asked if not TRANSACTION.match(query["sql"])]
            assert len(statements) <= MOST_STATEMENTS, statements
            assert [sql for sql in statements if LOCKS.search(sql)] == []
            assert page.route in ANY_SIZE or size(answer) <= MOST_BYTES
    cases.conclude()


def test_what_a_page_leaves_out_it_says(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    reader: Reader = made["reader"]
    stated = {
        "year:ahead": "그 뒤의 일정은",
        "year:print": "그 뒤의 일정은",
        "pay:bills": "?page=2",
        "pay:history": "?page=2",
    }
    stated |= {"inbox:list": "?before=", "own_data:accesses": "?before="}
    for route, words in stated.items():
        answer = opened(Page(route), reader)
        assert words in answer.content.decode(), route
    assert opened(Page("year:ahead"), reader).content.decode().count("/inbox/") > 50


def test_what_is_typed_outlives_a_change_of_text_size_contrast_and_language(time_machine: Any) -> None:
    """A new form is a `ShowsTyped`, and its view takes `posted(request)`."""
    time_machine.move_to(MORNING, tick=False)
    reader: Reader = made["reader"]
    walked, cases = 0, Cases()
    for page in PAGES:
        answer = opened(page, reader)
        if "text/html" not in answer["Content-Type"]:
            continue
        shown = FilledForms(answer.content.decode())
        with cases.case(f"{page.path(reader)} {page.browser} {page.posted or ''}: buttons"):
            assert {button["form"] for button in shown.buttons} <= {form.identity for form in shown.forms}
        for form in shown.forms:
            if form.inputs:
                walked += 1
                for button in DISPLAYS:
                    with cases.case(f"{page.path(reader)} {page.browser}, {button[0]}"):
                        assert_typed_survives(browser(page), page.path(reader), shown, form, button)
    cases.conclude()
    assert walked > 15


def test_each_page_is_in_one_language(time_machine: Any) -> None:
    """In English no Hangul is left but what agencies wrote and citations of laws, in Korean no English word."""
    time_machine.move_to(MORNING, tick=False)
    reader: Reader = made["reader"]
    known = NAMES | {*reader.erasure.split("-")}  # its number
    known |= {str(each) for kind in announced_types() for each in fields_of(kind, TODAY).values()}
    found: dict[str, str] = {}
    for page in PAGES:
        for language, others in (("ko", english), ("en", hangul)):
            client = browser(page)
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            answer = opened(page, reader, client)
            if "text/html" in answer["Content-Type"]:
                found |= dict.fromkeys(others(LAW.sub("", answer.content.decode()), known), page.route)
    assert not found, "\n".join(f"{route}: {words}" for words, route in found.items())


def test_an_address_that_only_a_button_posts_to_shows_the_way_back_in_both_languages() -> None:
    cases, found = Cases(), 0
    for path, _name in addresses(get_resolver()):
        address = f"/{re.sub('<(?:int|slug):[a-z_]+>', '1', path)}"
        if not re.fullmatch(r"/[\w/-]*", address):
            continue
        for spoken, words in (("ko", "여기에는 볼 화면이 없습니다"), ("en", "There is nothing to see here")):
            visitor = Client(headers={"Accept-Language": spoken})
            answer = visitor.get(address)
            if answer.status_code != 405:
                break
            with cases.case(f"{address} {spoken}"):
                if address.startswith(("/webhooks/", "/toss/", "/api/")):  # of programs
                    assert b"<html" not in answer.content
                    continue
                found += 1
                page = answer.content.decode()
                assert words in page and "POST" in answer["Allow"] and "no-store" in answer["Cache-Control"]
                [way_back] = re.findall(r'<p class="links">.*?</p>', page)
                ways = re.findall(r'href="([^"]+)"', way_back)
                assert ways[-1] == "/" and all(visitor.get(way).status_code in (200, 302) for way in ways), ways
    cases.conclude()
    assert found >= 10, found


def test_every_post_is_answered_by_a_redirect(time_machine: Any) -> None:
    """With something wrong in it, and with nothing: the browser's way back and a reload post nothing once more."""
    time_machine.move_to(MORNING, tick=False)
    reader: Reader = made["reader"]
    buttons = [Page(route, *OF_BUTTONS.get(route, (CITIZEN, ()))) for route in NO_PAGES]
    cases, answered_by = Cases(), dict[str, set[int]]()
    for page in (*PAGES, *buttons):
        for wrong in ({}, {"go": "x", "phone": "02-1", "code": "x", "channel": "fax", "amount": "1", "provider": "x"}):
            with cases.case(f"{page.path(reader)} {page.browser} {wrong}"), transaction.atomic():
                answer = browser(page).post(page.path(reader), wrong)
                transaction.set_rollback(True)
                answered_by.setdefault(page.route, set()).add(answer.status_code)
                assert answer.status_code in (302, 405) or page.route in NOT_BY_REDIRECT, answer.status_code
    cases.conclude()
    assert {route for route, seen in answered_by.items() if not seen <= {302, 405}} == NOT_BY_REDIRECT.keys()
    assert sum(302 in seen for seen in answered_by.values()) > 30


def assert_typed_survives(
    client: Client, path: str, page: FilledForms, form: Form, display: tuple[str, str, str, str]
) -> None:
    """As a browser without scripts sends it: the button belongs to the form."""
    name, value, sign, field = display
    [button] = [each for each in page.buttons if (each["form"], each.get("name")) == (form.identity, name)][:1]
    typed = form.filled_in()
    answer = client.post(button.get("formaction") or form.action or path, form.hidden | typed | {name: value})
    content = answer.content.decode()
    assert answer.status_code == 200 and sign in content, answer.status_code
    assert "error-summary" not in content
    [again] = [each for each in FilledForms(content).forms if each.identity == form.identity]
    expected = typed | ({field: [value]} if field in typed else {})
    for name, each in form.inputs.items():
        assert again.shown()[name] == ([""] if each.is_secret else expected[name]), name
