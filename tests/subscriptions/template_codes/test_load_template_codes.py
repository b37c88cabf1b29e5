"""Template codes of a provider from a file: looked at first, then all of it or nothing, on the audit trail."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from secretary.kernel.models import AuditEvent
from subscriptions.data_types.publish import approve_vendor_template, set_vendor_template
from subscriptions.models import DataType, DataTypeVersion, MessageTemplate, TemplateVariant
from tests.notifications.cast import MORNING, make_data_type
from tests.subscriptions.admin.ninth_type import staff

pytestmark = pytest.mark.django_db
SECOND = "solapi_alimtalk"
HEAD = "data_type,stage,language,channel,provider,code"
PAGE = "/admin/subscriptions/messagetemplate/codes/"


@pytest.fixture
def fine(settings: Any) -> DataType:
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": f"nhn_alimtalk,{SECOND}"}
    return make_data_type()


def row(code: str, *, stage: str = "reopened", language: str = "ko", provider: str = SECOND, **other: str) -> str:
    named = {"data_type": "traffic_fine", "channel": "kakaotalk", **other}
    return f"{named['data_type']},{stage},{language},{named['channel']},{provider},{code}"


def run(tmp_path: Path, rows: Sequence[str], *options: str, head: str = HEAD) -> str:
    file, out = tmp_path / "codes.csv", StringIO()
    file.write_text("\n".join([head, *rows]), encoding="utf-8-sig")
    call_command("load_template_codes", str(file), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def applied(writer: str = "writer") -> tuple[str, ...]:
    return ("--apply", "--by", staff(writer).username, "--reason", "솔라피 승인")


def proposals() -> dict[str, str]:
    return dict(TemplateVariant.objects.exclude(proposed_template="").values_list("key", "proposed_template"))


def test_it_shows_what_would_change_and_changes_nothing(fine: DataType, tmp_path: Path) -> None:
    shown = run(tmp_path, [row("KA01"), row("", language="en")])
    assert "– → KA01 (proposed; counts once another person has approved it)" in shown
    assert "(no code in the file)" in shown
    assert not TemplateVariant.objects.exists() and not AuditEvent.objects.filter(action__contains="template").exists()


def test_codes_of_a_live_template_wait_for_a_second_person(fine: DataType, tmp_path: Path) -> None:
    run(tmp_path, [row("KA01"), row("KA02", language="en")], *applied())
    assert TemplateVariant.objects.filter(proposed_template__in=("KA01", "KA02"), vendor_template="").count() == 2
    assert AuditEvent.objects.filter(action="template codes loaded", reason="솔라피 승인").count() == 1
    assert AuditEvent.objects.filter(action="template code proposed").count() == 2
    assert "(unchanged)" in run(tmp_path, [row("KA01")]), "what waits already is not proposed again"
    template = MessageTemplate.objects.get(stage__code="reopened", channel="kakaotalk", language="ko")
    approve_vendor_template(template=template, code="KA01", by=staff("approver"), now=MORNING, variant=f"{SECOND}:")
    assert TemplateVariant.objects.get(template=template).vendor_template == "KA01"


def test_the_first_provider_keeps_its_code_in_the_template_and_a_draft_takes_it_at_once(
    fine: DataType, tmp_path: Path
) -> None:
    DataType.objects.update(live_version=None)
    DataTypeVersion.objects.update(state=DataTypeVersion.DRAFT)
    run(tmp_path, [row("N-1", provider="nhn")], *applied())
    assert MessageTemplate.objects.get(vendor_template="N-1").stage.code == "reopened"


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (row("A", data_type="traffic_fines"), "Not known: data type “traffic_fines”. There is: traffic_fine."),
        (row("A", stage="closed_"), "Not known: stage"),
        (row("A", stage="zzz"), ", …."),  # there are more than are named
        (row("A", language="jp"), "There is: en, ko."),
        (row("A", channel="sms"), "There is: kakaotalk, naver, toss."),
        (row("A", provider="sens_alimtalk"), f"There is: nhn, {SECOND}."),
        (row("A B"), "no spaces"),
        (row("A" * 81), "80 characters"),
        (row("A"), "The same text stands in line 2 already"),
        ("traffic_fine,reopened", "more or fewer cells"),
    ],
)
def test_an_unknown_name_is_answered_with_what_there_is_and_nothing_is_loaded(
    fine: DataType, tmp_path: Path, wrong: str, remedy: str
) -> None:
    with pytest.raises(CommandError, match="Line 3: ") as error:
        run(tmp_path, [row("KA01"), wrong], *applied())
    assert remedy in str(error.value) and not proposals()


def test_a_file_without_its_columns_is_no_file_of_codes(fine: DataType, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="data_type, stage, language, channel, provider, code, text"):
        run(tmp_path, [row("KA01")], head="kind,code")


def test_it_needs_an_account_that_may_write_and_a_reason(fine: DataType, tmp_path: Path) -> None:
    for options in (("--apply",), ("--apply", "--by", "no-one", "--reason", "x"), applied()[:3]):
        with pytest.raises(CommandError, match="Nothing was loaded"):
            run(tmp_path, [row("KA01")], *options)
    assert not proposals()


def test_interrupted_in_the_middle_nothing_is_loaded(fine: DataType, tmp_path: Path, monkeypatch: Any) -> None:
    entered: list[str] = []

    def once(**values: Any) -> None:
        if entered:
            raise KeyboardInterrupt
        entered.append(values["code"])
        set_vendor_template(**values)

    monkeypatch.setattr("subscriptions.template_codes.load.set_vendor_template", once)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [row("KA01"), row("KA02", language="en")], *applied())
    assert entered == ["KA01"] and not proposals()
    assert not AuditEvent.objects.filter(action__startswith="template code").exists()


def test_a_file_to_begin_with_is_read_back(fine: DataType, tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_template_codes", "--write", SECOND, stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == f"{HEAD},text" and len(lines) > 2
    assert run(tmp_path, lines[1:], head=lines[0]).count("(no code in the file)") == len(lines) - 1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_shows_the_table_first_and_loads_with_a_reason(fine: DataType, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(staff("writer"), backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("codes.csv", "\n".join([HEAD, row("KA01")]).encode())
    page = client.post(PAGE, {"file": file})
    with override(language):
        assert page.context["plan"].to_do[0].words in page.content.decode()
    assert not proposals()
    values = {**page.context["load_form"].initial, "reason": ""}
    assert "load_form" in client.post(PAGE, values).context and not proposals(), "a reason is needed"
    client.post(PAGE, {**values, "seen": "another", "reason": "승인"})
    assert not proposals(), "what was not looked at is not loaded"
    assert client.post(PAGE, {**values, "reason": "승인"}).status_code == 302
    assert list(proposals().values()) == ["KA01"]
    assert AuditEvent.objects.filter(action="template codes loaded", reason="승인").count() == 1


def test_the_page_names_what_is_wrong_and_is_for_writers(fine: DataType) -> None:
    client = Client(headers={"accept-language": "ko"})
    client.force_login(staff("writer"), backend="django.contrib.auth.backends.ModelBackend")
    assert PAGE in client.get("/admin/subscriptions/messagetemplate/").content.decode()
    file = SimpleUploadedFile("codes.csv", "\n".join([HEAD, row("KA01", stage="x")]).encode())
    page = client.post(PAGE, {"file": file})
    assert str(page.context["plan"].problems[0]) in page.content.decode() and "load_form" not in page.context
    assert '/messagetemplate/"></a>' not in page.content.decode()  # the way back has a name
    binary = client.post(PAGE, {"file": SimpleUploadedFile("codes.csv", b"\xff\xfe\x00")})
    assert binary.context["form"].errors
    client.force_login(staff("auditor", "auditor"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 403
