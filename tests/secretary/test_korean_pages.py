"""No page of staff shows a code, a model's name or an English word in Korean: every page of the administration with a
row of every kind, as a superuser and as each role, the officials' and the agencies' pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse

from notifications.models import Feed, Notice
from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.accounts import roles
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.models import Agency, AgencyStaff, BulkUpload, Citizen, DataType, DataTypeVersion, Official
from tests.citizens.conftest import clock, far, fresh_adapters, provider
from tests.citizens.own_data.rich import PHONE, make_rich
from tests.notifications.agencies.test_agency_pages import member_of
from tests.secretary import every_row
from tests.secretary.test_admin_roles import _patterns, _url, read_once, row_of
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff_client
from tests.subscriptions.web.officials.test_outsiders import BACKEND, routes
from tests.support.browser_forms import fill_in
from tests.support.present import present
from tests.support.visible_words import english

__all__ = ["clock", "far", "fresh_adapters", "provider"]
pytestmark = pytest.mark.django_db
KOREAN: Any = {"headers": {"accept-language": "ko"}}


def identifiers() -> set[str]:
    """The names by which agencies' machines call what they send: they are no words of ours."""
    versions = DataTypeVersion.objects.all()
    codes = {field["name"] for version in versions for field in version.fields}
    codes |= {stage.code for version in versions for stage in version.stages.all()}
    codes |= {word for version in versions for word in version.agency_name_en.split()}
    codes |= set(Agency.objects.values_list("code", flat=True)) | set(DataType.objects.values_list("code", flat=True))
    return codes | {part for name in Feed.objects.values_list("name", flat=True) for part in name.split("-")}


@pytest.fixture
def everything(provider: Any, far: Any, client: Client, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Citizen:
    """A row of every model; texts that people write are Korean in both languages."""
    rich = make_rich(provider, far.bank, client)
    member_of("knpa")
    draft_ninth_type(staff_client("writer"))
    every_row.make_the_rest()
    every_row.speak_korean()
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)  # all pages have the same, and it takes half the time
    return rich


def pages_of_admin() -> Iterator[tuple[str, str]]:
    """Every address of the administration: the data type's editor once as it is live, once as a draft."""
    rows = {f"{item._meta.app_label}_{item._meta.model_name}_": row_of(item) for item in admin.site._registry}
    fine, draft = (DataType.objects.get(code=code) for code in ("traffic_fine", "passport_expiry"))
    for version in (present(fine.live_version), draft.versions.get()):
        template = present(present(version.stages.first()).templates.first())
        given = {
            "step": "clear",
            "stage_id": template.stage_id,
            "channel": template.channel,
            "url": "x",
            "language": template.language,
            "other": version.pk,
            "name": version.fields[0]["name"],
            "app_label": "subscriptions",
            "code": fine.code,
        }
        rows["subscriptions_datatypeversion_"] = version.pk
        for pattern in _patterns():
            name = pattern.name or ""
            if name.endswith("_history"):
                continue  # its title is that of the row's page
            if name and (version == fine.live_version or name.startswith("subscriptions_datatypeversion")):
                yield name, _url(pattern, given, next((rows[key] for key in rows if name.startswith(key)), 1))


def walked(client: Client, pages: Iterator[tuple[str, str]] | list[tuple[str, str]], known: set[str]) -> dict[str, str]:
    """What is wrong → the first page that shows it."""
    found: dict[str, str] = {}
    opened = 0
    with pytest.MonkeyPatch.context() as patch:
        read_once(User.objects.get(pk=client.session[SESSION_KEY]), patch)
        for name, url in pages:
            answer = client.get(url, **KOREAN)
            if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
                opened += 1
                found |= {words: name for words in english(answer.content.decode(), known) if words not in found}
    assert opened
    return found


def test_no_page_shows_a_code_or_an_english_word(everything: Citizen) -> None:
    known = identifiers()
    found = of_administration(everything, known) | of_call_centre(everything, known) | of_other_sites(known)
    assert not found, "\n".join(f"{name}: {words}" for words, name in sorted(found.items()))


def of_administration(everything: Citizen, known: set[str]) -> dict[str, str]:
    assert every_row.empty_models() == ["common.AuditLink"]  # written by the sealing alone; it has numbers only
    root = staff_client("최고관리", superuser=True)
    notices = [reverse("admin:notifications_notice_change", args=[notice.pk]) for notice in Notice.objects.all()]
    found = walked(root, [*pages_of_admin(), *(("notice", url) for url in notices)], known)  # each state's words
    forms = [  # what roles see otherwise than a superuser: their overview, and forms that they may only read
        (name, url)
        for name, url in pages_of_admin()
        if name.endswith("_change") and not isinstance(admin_of(name), ReadOnlyAdmin)
    ]
    for number, role in enumerate(roles.ROLES):
        found |= walked(staff_client(f"담당{number}가", role), [("index", "/admin/"), *forms], known)
    return found


def of_call_centre(everything: Citizen, known: set[str]) -> dict[str, str]:
    screen = staff_client("상담", roles.CALL_CENTRE)
    number = receipt_number(everything)
    fill_in(screen, "/admin/call-centre/", number=number, phone=PHONE.replace("+82", "0"), why="stop")
    notice = present(Notice.objects.filter(citizen=everything).first())
    calls = ["", "family/", "caller/", "caller/who/", "caller/withdraw/", f"caller/{notice.pk}/another-way/"]
    return walked(screen, [(page, f"/admin/call-centre/{page}") for page in calls], known)


def admin_of(name: str) -> Any:
    models = {f"{item._meta.app_label}_{item._meta.model_name}": page for item, page in admin.site._registry.items()}
    return models.get(name.removesuffix("_change"))


def of_other_sites(known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    official = present(Official.objects.order_by("pk").first())
    citizen = cast.register(official, cast.PaperForm("가-1", "박어른", cast.GRANDMOTHER.birth_date, "+821000000066"))
    upload = BulkUpload.objects.create(official=official, uploaded_at=cast.NOW, expires_at=cast.NOW)
    rows = {"citizen_id": citizen.pk, "upload_id": upload.pk, "official_id": official.pk, "number": 1, "key_id": "k1"}
    for is_manager in (False, True):
        Official.objects.filter(pk=official.pk).update(manager=is_manager)
        found |= walked(member(official), list(pages_of("officials/", rows)), known)
    return found | walked(member(AgencyStaff.objects.get()), list(pages_of("agencies/", rows)), known)


def member(row: Any) -> Client:
    client = Client()
    client.force_login(row.user, backend=BACKEND)
    return client


def pages_of(site: str, rows: dict[str, Any]) -> Iterator[tuple[str, str]]:
    spaces = {"officials/": "officials:", "agencies/": "agency:"}
    for address, route in routes(get_resolver().url_patterns):
        if address.startswith(site):
            name = str(route.name)
            space = "" if name.startswith(("office_call", "office_reach")) else spaces[site]
            yield name, reverse(f"{space}{name}", args=[rows[each] for each in route.pattern.converters])
