"""A change of keys: every encrypted column is written anew, readable throughout, and nothing newer is overwritten."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from citizens.models import DataExport, Erasure
from notifications.models import AgencyKey, Record
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.models import AuditEvent
from secretary.kernel.secrets import encryption
from secretary.kernel.secrets.encryption import Cipher, cipher
from secretary.ops.sealed import SEALED
from subscriptions.enrolment.paper import Paper
from subscriptions.models import (
    Authenticator,
    BulkChunk,
    BulkRefusal,
    BulkUpload,
    Citizen,
    Consent,
    Contact,
    FamilyMember,
    PhoneCode,
)
from subscriptions.registration.bulk.read_row import Entry
from subscriptions.registration.bulk.staged import cells_of, entries_of, sealed_entries, sealed_refusal
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record
from tests.subscriptions import cast
from tests.support.authenticators import authenticator
from tests.support.present import present

pytestmark = pytest.mark.django_db
OLD, NEW = {"k1": b"o" * 32}, {"k2": b"n" * 32}


@pytest.fixture
def keys(settings: Any) -> Iterator[Any]:
    """`keys({...})` is FIELD_KEYS from now on."""

    def use(chosen: dict[str, bytes]) -> Cipher:
        settings.FIELD_KEYS = chosen
        encryption.cipher.cache_clear()
        return cipher()

    yield use
    encryption.cipher.cache_clear()


@pytest.fixture
def written(keys: Any) -> Citizen:
    """Something in every encrypted column, under the old key."""
    keys(OLD)
    citizen = enrol(1, make_data_type(), name="임꺽정")
    ingest(record(1), record(1))
    notified = Record.objects.order_by("id")[0]
    bound_to = Record.notified_bound_to("knpa", notified.external_id)
    Record.objects.filter(pk=notified.pk).update(
        told_encrypted=cipher().encrypt(orjson.dumps({"amount": 7}), bound_to=bound_to)
    )
    paper = Paper("임꺽정", date(1940, 1, 2), "+821000000001").sealed(citizen.id)
    Consent.objects.filter(citizen=citizen).update(paper_encrypted=paper)
    key = AgencyKey(feed=make_feed("other"), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    copy = DataExport.objects.create(citizen=citizen, asked_at=MORNING, expires_at=MORNING)
    copy.content = b"zip"
    copy.save()
    erasure = Erasure(number="E-1", asked_at=MORNING, promised_by=MORNING, why=Erasure.ASKED)
    erasure.toss_keys = ["443000001"]
    erasure.save()
    a_list_at_work()
    authenticator(cast.official("enrolled").user)
    sent = PhoneCode(mark="m", citizen=citizen)
    sent.hold("+821000000001", "123456")
    sent.save()
    member = FamilyMember(citizen=citizen, named_at=MORNING)
    member.hold(name="큰딸", phone="+821000000077", code="K7MP2QX9A")
    member.save()
    return citizen


def a_list_at_work() -> None:
    """A list of seniors with its file, a valid row and a wrong one."""
    upload = BulkUpload.objects.create(official=cast.official(), uploaded_at=MORNING, expires_at=MORNING)
    upload.content = b"list"
    upload.save()
    entry = Entry(2, "B-1", "임꺽정", date(1940, 1, 2), "+821000000001", "sms")
    sealed_entries(upload.pk, 0, [entry]).save()
    sealed_refusal(upload.pk, 3, {"name": "임꺽정"}, [("phone", "empty")]).save()


def contents() -> list[Any]:
    return [
        *((row.name, row.birth_date) for row in Citizen.objects.order_by("pk")),
        *(row.value for row in Contact.objects.order_by("pk")),
        *(row.payload for row in Record.objects.order_by("pk")),
        *(Paper.opened(bytes(present(row.paper_encrypted)), row.citizen_id) for row in Consent.objects.order_by("pk")),
        *(row.content for row in DataExport.objects.order_by("pk")),
        *(row.toss_keys for row in Erasure.objects.order_by("pk")),
        *(row.held() for row in PhoneCode.objects.order_by("pk")),
        *((row.name, row.phone, row.code) for row in FamilyMember.objects.order_by("pk")),
        *(row.content for row in BulkUpload.objects.order_by("pk")),
        *(entries_of(row) for row in BulkChunk.objects.order_by("pk")),
        *(cells_of(row) for row in BulkRefusal.objects.order_by("pk")),
        *(row.secret for row in AgencyKey.objects.order_by("pk")),
        *(row.bin_key for row in Authenticator.objects.order_by("pk")),
    ]


def test_every_encrypted_column_is_in_the_list() -> None:
    ours = ("common", "subscriptions", "notifications", "payments", "citizens")
    found = {
        f"{model._meta.db_table}.{field.column}"
        for label in ours
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
        if present(field.column).endswith("_encrypted") and not hasattr(model, "pgh_tracked_model")
    }
    assert {column.name for column in SEALED} == found


def test_all_is_written_anew_and_the_old_key_may_go(written: Citizen, keys: Any) -> None:
    before = contents()
    both = keys({**NEW, **OLD})
    assert all(column.stale(both) for column in SEALED)
    output = StringIO()
    call_command("rotate_keys", stdout=output)
    assert "Nothing is left" in output.getvalue()
    assert AuditEvent.objects.get(action="keys rotated").object == "k2"
    keys(NEW)
    assert contents() == before
    call_command("rotate_keys", "--check", stdout=output)


def test_what_is_under_an_older_key_is_reported_before(written: Citizen, keys: Any) -> None:
    keys({**NEW, **OLD})
    with pytest.raises(CommandError, match="older key"):
        call_command("rotate_keys", "--check", stdout=StringIO())


def test_a_run_that_was_stopped_goes_on_and_takes_nothing_twice(written: Citizen, keys: Any) -> None:
    ingest(*(record(1) for _ in range(5)))
    both = keys({**NEW, **OLD})
    [column] = [each for each in SEALED if each.column == "payload_encrypted"]
    batches = column._batches(both, 2)
    first = next(batches)
    column._write(
        [(str(key), stored, both.encrypt(both.decrypt(stored, bound_to=at), bound_to=at)) for key, stored, at in first]
    )
    assert column.rotate(both, 2).rows == 5
    assert column.rotate(both, 2).rows == 0


def test_what_was_written_meanwhile_is_not_overwritten(written: Citizen, keys: Any) -> None:
    both = keys({**NEW, **OLD})
    [column] = [each for each in SEALED if each.column == "name_encrypted"]
    [[(key, stored, bound_to)]] = list(column._batches(both, 10))
    written.name = "홍길동"
    written.save()
    assert column._write([(str(key), stored, both.encrypt(b"older", bound_to=bound_to))]) == 0
    assert Citizen.objects.get().name == "홍길동"


def test_what_no_key_opens_stays_and_is_reported(written: Citizen, keys: Any) -> None:
    keys({"k3": b"x" * 32})
    with pytest.raises(CommandError, match="opened by no key"):
        call_command("rotate_keys", stdout=StringIO())
    keys(OLD)
    assert Citizen.objects.get().name == "임꺽정"


def test_it_leaves_no_history_of_choices(written: Citizen, keys: Any) -> None:
    events = apps.get_model("subscriptions", "CitizenEvent")
    before = events.objects.count()
    keys({**NEW, **OLD})
    call_command("rotate_keys", stdout=StringIO())
    assert events.objects.count() == before
