"""Who declined takes it back by the code of our message, also when only the hashes of code and number are left."""

import pytest
from django.test import Client

from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from subscriptions.models import FamilyMember, FamilyNumber, Official
from tests.citizens.office_calls.family_cast import Gateway, another, asked, form, press, register
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
OFFERED, LIFTED, NOT_OURS = "다시 물어보셔도 됩니다", "다시 여쭐 수 있습니다", "국민비서가 보낸 코드가 아닙니다"
NO_ASKING = "이 번호로는 여쭐 수 없습니다"


def entered(code: str) -> str:
    return Client().post("/family/", {"code": code}, follow=True).content.decode()


def test_by_the_same_code_and_then_a_senior_may_name_them_again(
    client: Client, registering: Official, gateway: Gateway
) -> None:
    _senior, code = asked(client, gateway)
    assert OFFERED not in entered(code)
    assert OFFERED in press("decline", code)
    assert NO_ASKING in client.post("/officials/", form(**another(1)), follow=True).content.decode()
    assert LIFTED in press("lift", code)
    assert OFFERED not in entered(code) and not FamilyMember.objects.live().exists()
    number = FamilyNumber.objects.get()
    assert (number.declined_at, number.code_hash, number.questions) == (None, None, 1)
    register(client, **another(1))
    assert FamilyMember.objects.live().count() == 1
    line = AuditEvent.objects.get(action="family.number_lifted")
    assert (line.actor, line.citizen_id, line.object) == ("family", None, f"family_number:{number.pk}")


def test_also_when_the_family_member_is_not_kept_any_more(
    client: Client, registering: Official, gateway: Gateway
) -> None:
    _senior, code = asked(client, gateway)
    press("decline", code)
    FamilyMember.objects.all().delete()
    page = entered(code)
    assert OFFERED in page and "다시 여쭙지 않습니다" in page and "최**신" not in page and "010-" not in page
    assert "동의하셨습니다" not in press("agree", code) and FamilyNumber.objects.get().declined_at is not None
    assert LIFTED in press("lift", code)
    assert NOT_OURS in entered(code) and FamilyNumber.objects.get().declined_at is None


def test_also_what_110_noted_for_a_caller(client: Client, registering: Official, gateway: Gateway) -> None:
    _senior, code = asked(client, gateway)
    screen = staff_client("telephone", roles.CALL_CENTRE)
    fill_in(screen, "/admin/call-centre/family/", number="010-0000-0077", reason="전화로 요청함")
    assert FamilyNumber.objects.get().declined_at is not None
    assert LIFTED in press("lift", code) and FamilyNumber.objects.get().declined_at is None
