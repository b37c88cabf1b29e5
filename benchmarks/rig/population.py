"""Write citizens who want notices, and the agencies' files about them: in bulk, encrypted by the product itself."""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from secretary.kernel.persons.blind_index import blind_index, ci_index, name_index
from secretary.kernel.persons.identifiers import uuid7
from secretary.kernel.secrets.encryption import encrypt_text
from secretary.ops.owner import as_owner
from subscriptions.enrolment.consent_texts import text_of
from subscriptions.models import DataType
from subscriptions.specs import FieldSpec, fields_from_json

CHUNK = 5000
NAMES = ("홍길동", "김민수", "이서연", "박지훈", "최수아", "정도윤", "강하은", "조은우", "윤서준", "임채원")
BORN = date(1970, 1, 1)
# What an agency writes into a record later (a part payment, an objection): a new one has none of it. 148511c knew no
# such fields, so that both builds read the same records.
WRITTEN_LATER = frozenset({"social_reduction_percent", "part_paid_amount", "part_paid_on", "objected_on"})
COLUMNS = {
    "subscriptions_citizen": "id, name_encrypted, name_hash, birth_date_encrypted, language, state, registered_by,"
    " created_at",
    "subscriptions_citizenkey": "citizen_id, kind, key_hash",
    "subscriptions_contact": "citizen_id, kind, value_encrypted, value_hash",
    "subscriptions_channelchoice": "citizen_id, channel, position",
    "subscriptions_consent": "id, citizen_id, text_id, language, method, given_at, paper_form",
    "subscriptions_subscription": "citizen_id, data_type_id, consent_id, started_at, matched_at",
}
# History triggers and foreign keys take ten times as long as the rows themselves; the database's owner may skip them.
WITHOUT_HISTORY = """
SELECT set_config('session_replication_role', 'replica', true) FROM pg_user WHERE usename = current_user AND usesuper
"""


def ci_of(number: int) -> str:
    """Return an obviously fake CI: 88 characters of base64."""
    return f"{number:086d}=="


def enrol(
    first: int,
    count: int,
    *,
    data_types: Sequence[DataType],
    channels: Sequence[str],
    now: datetime,
    each: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Enrol people `first` … by CI, one in ten in English; person n subscribes to `each` data types, from type n modulo
    their number on. `done` is called with the number of people after each chunk."""
    kinds = [(data_type.pk, text_of(data_type).pk) for data_type in data_types]
    for start in range(first, first + count, CHUNK):
        people = range(start, min(start + CHUNK, first + count))
        rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        for number in people:
            theirs = [kinds[(number + nth) % len(kinds)] for nth in range(each)]
            for table, row in _person(number, theirs, channels, now):
                rows[table].append(row)
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(WITHOUT_HISTORY)
            for table, columns in COLUMNS.items():
                text = "".join("\t".join(map(_cell, row)) + "\n" for row in rows[table])
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(text))
        done(len(people))


def write_files(
    folder: Path, first: int, count: int, *, data_types: Sequence[DataType], today: date, name: str = "records"
) -> None:
    """Write one JSON-lines file for each agency, with one new record about each person."""
    shapes = [fields_of(data_type, today) for data_type in data_types]
    with ExitStack() as stack:
        files = {
            code: stack.enter_context(_file(folder / code / f"{name}.jsonl"))
            for code in {data_type.agency.code for data_type in data_types}
        }
        for number in range(first, first + count):
            which = number % len(data_types)
            record = {
                "external_id": f"B-{number}",
                "data_type": data_types[which].code,
                "version": 1,
                "subject": {"ci": ci_of(number)},
                "fields": shapes[which],
            }
            files[data_types[which].agency.code].write(json.dumps(record, ensure_ascii=False) + "\n")


def _person(
    number: int, kinds: Sequence[tuple[int, int]], channels: Iterable[str], now: datetime
) -> Iterable[tuple[str, tuple[Any, ...]]]:
    citizen, name, language = uuid7(), NAMES[number % len(NAMES)], "en" if number % 10 == 0 else "ko"
    phone = f"+821000{number % 1_000_000:06d}"
    yield (
        "subscriptions_citizen",
        (
            citizen,
            encrypt_text(name, bound_to=f"citizen.name:{citizen}"),
            name_index(name),
            encrypt_text(BORN.isoformat(), bound_to=f"citizen.birth_date:{citizen}"),
            language,
            "active",
            "web",
            now,
        ),
    )
    yield "subscriptions_citizenkey", (citizen, "ci", ci_index(ci_of(number)))
    address = encrypt_text(phone, bound_to=f"contact.phone:{citizen}")
    yield "subscriptions_contact", (citizen, "phone", address, blind_index("phone", phone))
    for position, channel in enumerate(channels, start=1):
        yield "subscriptions_channelchoice", (citizen, channel, position)
    for consent, (data_type, text) in enumerate(kinds, start=number * len(kinds)):
        yield "subscriptions_consent", (consent, citizen, text, language, "web", now, "")
        yield "subscriptions_subscription", (citizen, data_type, consent, now, now)


def fields_of(data_type: DataType, today: date) -> dict[str, Any]:
    """Return the samples of the data type's fields, with dates far enough ahead for no date stage to be due, each a day
    after the one before: a second deadline follows the first."""
    assert data_type.live_version is not None
    fields = fields_from_json(data_type.live_version.fields)
    return {
        field.name: _value(field, today + timedelta(days=60 + nth))
        for nth, field in enumerate(fields)
        if field.name not in WRITTEN_LATER
    }


def _value(field: FieldSpec, later: date) -> Any:
    if field.type == "date":
        return later.isoformat()
    if field.type == "datetime":
        return f"{later.isoformat()}T14:05:00+09:00"
    return int(field.sample) if field.type in ("won", "int") else field.sample


def _file(path: Path) -> Any:
    path.parent.mkdir(exist_ok=True)
    return path.open("w", encoding="utf-8")


def _cell(value: Any) -> str:
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)
