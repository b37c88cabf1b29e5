"""Test that the database itself writes history, also for `.update()`, without values that are encrypted elsewhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from pghistory.models import Event

from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import ChannelChoice, Citizen, Consent, Contact, Subscription
from tests.notifications.cast import MORNING, enrol, make_data_type

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def alice() -> Citizen:
    return enrol(1, make_data_type(), channels=["kakaotalk", "sms"])


def history(model: type[models.Model], *columns: str) -> list[tuple[Any, ...]]:
    """Rows of the model's history in the order in which they were written."""
    events = apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    return list(events.objects.order_by("pgh_id").values_list("pgh_label", *columns))


def test_the_end_of_a_subscription_is_in_its_history(alice: Citizen) -> None:
    Subscription.objects.filter(citizen=alice).update(ended_at=LATER)
    assert history(Subscription, "ended_at") == [("insert", None), ("update", LATER)]


def test_a_withdrawn_consent_is_in_its_history(alice: Citizen) -> None:
    Consent.objects.filter(citizen=alice).update(withdrawn_at=LATER)
    assert history(Consent, "withdrawn_at") == [("insert", None), ("update", LATER)]


def test_a_changed_order_of_channels_is_in_its_history(alice: Citizen) -> None:
    ChannelChoice.objects.filter(citizen=alice).update(position=3 - models.F("position"))
    moved = [row for row in history(ChannelChoice, "channel", "position") if row[0] == "update"]
    assert sorted(moved) == [("update", "kakaotalk", 2), ("update", "sms", 1)]


def test_the_whole_of_a_withdrawal_can_be_read_afterwards(alice: Citizen) -> None:
    withdraw(citizen=alice, data_types=None, actor="citizen", now=LATER)
    assert history(Subscription, "ended_at")[-1] == ("update", LATER)
    assert history(Consent, "withdrawn_at")[-1] == ("update", LATER)


def test_sql_that_goes_past_django_is_caught_too(alice: Citizen) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_channelchoice SET position = 9 WHERE channel = 'sms'")
    assert history(ChannelChoice, "position")[-1] == ("update", 9)


def test_the_matchers_mark_makes_no_history(alice: Citizen) -> None:
    Subscription.objects.update(matched_at=LATER)
    assert len(history(Subscription)) == 1


def test_no_history_table_holds_an_encrypted_value_or_a_hash_of_a_person() -> None:
    tables = [model for model in apps.get_models() if issubclass(model, Event)]
    assert len(tables) > 3
    secret = [
        f"{model.__name__}.{column.name}"
        for model in tables
        for column in model._meta.get_fields()
        if isinstance(column, models.BinaryField) or column.name.endswith(("_encrypted", "_hash"))
    ]
    assert secret == []


def test_a_new_name_leaves_the_old_one_nowhere(alice: Citizen) -> None:
    old = [bytes(alice.name_encrypted), bytes(Contact.objects.get(citizen=alice).value_encrypted)]
    alice.name = "김새로"
    alice.save()
    contact = Contact.objects.get(citizen=alice)
    contact.value = "+821000000099"
    contact.save()
    kept = [str(row) for model in apps.get_models() if issubclass(model, Event) for row in model.objects.values()]
    assert not [value for value in old for row in kept if value.hex() in row or str(value) in row]


def test_history_says_when(alice: Citizen) -> None:
    assert all(isinstance(at, datetime) for _, at in history(Subscription, "pgh_created_at"))
