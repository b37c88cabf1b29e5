"""Each action that the product can write on the audit trail has words in Korean and in English."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from secretary.kernel.audit.action_words import ACTIONS, action_choices, words_in
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from tests.notifications.cast import MORNING
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.written_actions import written_actions

HANGUL = re.compile("[가-힣]")
BY_THE_DATABASE = {"audit.ended"}  # secretary/kernel/migrations/0005_end_of_the_trail.py


def test_each_action_that_is_written_has_words_and_no_other() -> None:
    written = written_actions()
    assert not written.unread, "write the action as a literal, so that it can be found"
    assert len(written.codes) > 100
    worded = {code for group in ACTIONS.values() for code in group}
    assert worded == written.codes | BY_THE_DATABASE


def test_the_words_are_korean_and_english() -> None:
    with translation.override("ko"):
        codes = [code for _group, choices in action_choices() for code, _words in choices]
    assert {"user created", "groups added", "agencykey changed"} <= set(codes)
    wrong = [code for code in codes if not HANGUL.search(words_in(code, "ko")) or HANGUL.search(words_in(code, "en"))]
    assert not wrong
    assert words_in("user changed", "en") == "user: changed"
    assert words_in("of an earlier release", "ko") == "of an earlier release"


@pytest.mark.django_db
def test_the_trail_its_choice_and_a_line_say_it_in_words() -> None:
    record_audit(now=MORNING, actor="staff:1", action="revealed", object="notice:1")
    client: Client = staff_client("auditor", roles.AUDITOR)
    page = client.get("/admin/common/auditevent/?action=revealed").content.decode()
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert ">개인정보 원문 조회함</a>" in table
    assert ">revealed<" not in page
    assert re.search(r'<option value="revealed" selected>개인정보 원문 조회함</option>', page)
    number = re.search(r"auditevent/(\d+)/change", table)
    assert number
    line = client.get(f"/admin/common/auditevent/{number[1]}/change/").content.decode()
    assert "개인정보 원문 조회함" in line


@pytest.mark.django_db
def test_an_object_and_a_change_are_worded_and_what_is_neither_stands_as_it_is() -> None:
    client: Client = staff_client("auditor", roles.AUDITOR)
    person = get_user_model().objects.create_user("clerk")
    person.is_active = False
    person.save()
    number = f"user:{person.pk}"
    record_audit(now=MORNING, actor="staff:1", action="resent", object="notice:4711", reason="is_active: True")
    record_audit(now=MORNING, actor="staff:1", action="closed", object="of an earlier release", reason="")
    for language, wanted in (("ko", ("예 → 아니요", "알림: 4711")), ("en", ("yes → no", "notice: 4711"))):
        page = client.get("/admin/common/auditevent/", headers={"accept-language": language}).content.decode()
        rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
        shown = (*wanted, "of an earlier release", f"?object=user%3A{person.pk}")
        assert not [words for words in shown if words not in rows]
        assert f">{number}<" not in rows and "is_active: True →" not in rows
        assert rows.count("is_active: True") == 1  # the reason that a person stated
    changed = AuditEvent.objects.get(action="user changed")
    line = client.get(f"/admin/common/auditevent/{changed.pk}/change/", headers={"accept-language": "ko"})
    assert "예 → 아니요" in line.content.decode()
    assert changed.object == number and changed.reason == "is_active: True → False"
