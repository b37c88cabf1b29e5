"""Test that every process sends the approved text, as soon as it is approved and not before."""

import pytest

from notifications.delivery.compose import approved, sheet
from subscriptions.models import Agency, DataTypeVersion, MessageTemplate
from tests.notifications.cast import make_data_type

pytestmark = pytest.mark.django_db


def phones() -> set[str]:
    """Return the contact in all templates, as this process composes them."""
    return {
        sheet(content).agency_phone
        for content in approved(MessageTemplate.objects.values_list("pk", flat=True)).values()
    }


def test_an_agencys_row_is_not_what_messages_say() -> None:
    make_data_type()
    assert phones() == {"182"}
    Agency.objects.update(phone="060-000-0000", name_ko="사칭청")
    sheet.cache_clear()  # as in a process that starts now
    assert phones() == {"182"}


def test_another_approval_is_seen_by_a_process_that_runs_already() -> None:
    """The rows are written as another process would: no cache of this one is cleared."""
    version = make_data_type().live_version
    assert version is not None
    template = MessageTemplate.objects.filter(channel="sms", language="ko").earliest("pk")
    assert "[고침]" not in sheet(approved([template.pk])[template.pk]).choice.body.lines[-1].text
    MessageTemplate.objects.filter(pk=template.pk).update(body=f"[고침] {template.body}")
    DataTypeVersion.objects.filter(pk=version.pk).update(digest="another")
    assert "[고침]" in sheet(approved([template.pk])[template.pk]).choice.body.lines[-1].text
