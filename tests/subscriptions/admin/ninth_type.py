"""Make a ninth data type with the administrators' pages alone. Other tests start from here too."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from subscriptions.accounts import roles
from subscriptions.models import Agency, DataType
from tests.support.browser_forms import fill_in

VERSIONS = "/admin/subscriptions/datatypeversion"
CODE = "passport_expiry"
BODY_KO = "[국민비서] #{이름}님, 여권이 #{만료일}에 만료됩니다.\n문의: #{기관} #{문의}\n확인코드: #{확인코드}"
BODY_EN = "[Public Secretary] #{이름}, your passport expires on #{만료일}.\nAsk: #{문의}\nCheck code: #{확인코드}"
CONSENT = {
    f"{part}_{language}": words
    for language, texts in (
        ("ko", ("여권 만료 안내", "여권 만료일", "동의를 거둘 때까지", "안내를 받지 못합니다")),
        ("en", ("Notices before a passport expires", "Date of expiry", "Until withdrawn", "No such notices")),
    )
    for part, words in zip(("purpose", "items", "retention", "refusal"), texts, strict=True)
}


DAILY = (roles.WRITER, roles.APPROVER, roles.READER, roles.OPERATOR, roles.REFUNDS, roles.CALL_CENTRE)


def staff(name: str, *names: str) -> User:
    """An account with these roles; by default with all but the one that manages accounts."""
    user = User.objects.filter(username=name).first() or User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=names or DAILY))
    return user


def staff_client(name: str, *names: str, superuser: bool = False) -> Client:
    """A browser in which a member of staff of that name is signed in; forged posts are refused."""
    user = User.objects.create_superuser(name) if superuser else staff(name, *names)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def agency() -> Agency:
    names = {"name_ko": "외교부", "name_en": "Ministry of Foreign Affairs", "phone": "02-3210-0404"}
    return Agency.objects.get_or_create(code="mofa", defaults=names)[0]


def draft_ninth_type(author: Client, *, owner: Agency | None = None, code: str = CODE) -> str:
    """The address of a complete draft: one date field, two stages, every channel in both languages."""
    owner = owner or agency()
    made = fill_in(
        author,
        "/admin/subscriptions/datatype/add/",
        code=code,
        agency=str(owner.pk),
        group="traffic",
        name_ko="여권 만료",
        name_en="Passport expiry",
    )
    version = made.redirect_chain[-1][0].replace("write/", "change/")
    expect_saved(
        fill_in(
            author,
            f"{version[: -len('change/')]}basics/",
            summary_ko="여권이 만료되기 전에 알려 드립니다.",
            summary_en="Before your passport expires.",
            frequency_ko="10년에 두 번",
            frequency_en="Twice in ten years",
        )
    )
    base = version.removesuffix("change/")
    expect_saved(fill_in(author, f"{base}consent/", **CONSENT))
    add_field(author, base, name="expires_on", placeholder="만료일", type="date", sample="2026-06-30", dated="on")
    add_stage(author, base, code="registered", on="opened")
    add_stage(author, base, code="d30", on="date", field="expires_on", days="30", late="day", late_field="expires_on")
    for stage in DataType.objects.get(code=code).versions.get().stages.all():
        for language, body in (("ko", BODY_KO), ("en", BODY_EN)):
            write(author, base, stage.pk, "kakaotalk", language, title="여권 만료", body=body)
    return str(version)


def add_field(author: Client, base: str, **values: Any) -> None:
    words = {"label_ko": values["placeholder"], "label_en": values["name"]}
    expect_saved(fill_in(author, f"{base}fields/add/", **words, **values))


def add_stage(author: Client, base: str, **values: Any) -> None:
    words = {"label_ko": f"단계 {values['code']}", "label_en": values["code"]}
    expect_saved(fill_in(author, f"{base}stages/add/", **words, **values))


def write(author: Client, base: str, stage: int, channel: str, language: str, **values: Any) -> None:
    """One text for all four channels."""
    others = [code for code in ("sms", "kakaotalk", "naver", "toss") if code != channel]
    url = f"{base}stages/{stage}/templates/{channel}/{language}/"
    expect_saved(fill_in(author, url, also_for=others, **values))


def expect_saved(response: Any) -> None:
    page = response.content.decode()
    assert response.redirect_chain, page[page.find("error-summary") : page.find("error-summary") + 1500]


def create_ninth_type(author: Client, approver: Client, *, owner: Agency | None = None, code: str = CODE) -> DataType:
    """From nothing to live: `author` writes and submits, `approver` approves."""
    return publish(author, approver, draft_ninth_type(author, owner=owner, code=code), code=code)


def publish(author: Client, approver: Client, version: str, *, code: str = CODE) -> DataType:
    """A finished draft goes live."""
    fill_in(author, version, action="submit/")
    approve(approver, version)
    return DataType.objects.get(code=code)


def approve(approver: Client, version: str, **decision: Any) -> Any:
    """Decide on the page on which every message is read."""
    return fill_in(approver, version.replace("change/", "review/"), action="approve/", **decision)
