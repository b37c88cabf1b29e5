"""Parse one line of a feed into a row of the record table, or a reason for refusal. The intake's hottest Python."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from notifications.intake.parsing.schema import DATE, Schema, Unacceptable, read_integer, read_name
from notifications.models import Record
from secretary.kernel.persons.birth_dates import (
    BirthDate,
    ImpossibleYear,
    NoSuchDay,
    birth_date_from_iso,
    refuse_impossible,
)
from secretary.kernel.persons.blind_index import (
    ci_index,
    former_person_index,
    keyed_digest,
    keyed_digests,
    person_index,
)
from secretary.kernel.persons.person_names import has_former_key
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from secretary.kernel.persons.resident_numbers import SHORTEST, holds_resident_number
from secretary.kernel.secrets.encryption import cipher
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.working_days import moved
from subscriptions.message_templates.links import Cleared
from subscriptions.triggers import STATES

CI = re.compile(r"[A-Za-z0-9+/]{86}==")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
# A number that a program has read as a float (as many tools do in a column with an empty cell): its leading zeros are
# lost, as with a JSON number.
FLOAT = re.compile(r"([0-9]+)\.0+|[0-9]\.[0-9]+[eE][0-9]+")
# A number that begins with a letter and is too short for a resident number, as most are: nothing else is to check.
PLAIN = re.compile(rf"[A-Za-z][A-Za-z0-9._:/-]{{0,{SHORTEST - 2}}}")
EVENT = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_VERSIONS = 1_000_000
NO_SERIALS: Callable[[str], bool] = frozenset[str]().__contains__
CONTRADICTION = "contradiction"  # of a refused line: two of its fields contradict each other
Content = tuple[str, str, bytes | None, bytes | None, bytes]  # state, event, hashes of CI and person, payload
NUMBER_REMEDY = "external_id: write it in quotes, or let the feed declare how many digits it has"


class Numbering(NamedTuple):
    """How a feed numbers and versions its records."""

    versions: bool = True  # they count; else a record's version is 1
    id_digits: int | None = None  # how many digits each number has
    # Whether the agency has declared such numbers of its own; called for numbers that resemble a resident number.
    is_own_serial: Callable[[str], bool] = NO_SERIALS


class Row(NamedTuple):
    """A record as it is written to the table (notifications.models.Record describes the columns)."""

    external_id: str
    data_type_id: int
    version: int
    state: str
    event: str
    ci_hash: bytes | None
    person_hash: bytes | None
    dates: tuple[date | None, date | None, date | None, date | None]
    happens_at: datetime | None
    announce_digest: bytes
    payload_encrypted: bytes
    content_digest: bytes
    # `person_hash` as releases up to 148511c made it, where that differs. Not stored.
    former_person_hash: bytes | None = None
    cleared: tuple[str, ...] = ()  # fields from which a link was removed. Not stored.


def parse_record(
    data: Mapping[str, Any],
    *,
    schemas: Mapping[str, Schema],
    agency_id: int,
    agency_code: str,
    today: date,
    numbering: Numbering,
) -> Row:
    """Check one record against its data type. Raises Unacceptable with a reason and the place, never the value."""
    external_id = external_id_of(data.get("external_id"), numbering)
    schema = schemas.get(str(data.get("data_type")))
    if schema is None or schema.agency_id != agency_id:
        raise Unacceptable("unknown_data_type", "data_type")
    ci_hash, person_hash, former_hash = subject_of(data, today)
    state, event = state_of(data.get("state")), event_of(data.get("event"))
    nested = data.get("fields")
    fields = nested if type(nested) is dict or isinstance(nested, Mapping) else data
    values = schema.read_fields(fields, event=event, state=state)
    dates, happens_at = _dates(schema, values)
    payload = orjson.dumps(values)  # dates and instants as ISO 8601
    state = state_of_a_debt(state, schema, values)
    return Row(  # by position: with names it takes twice as long
        external_id,
        schema.data_type_id,
        version_of(data.get("version")) if numbering.versions else 1,
        state,
        event,
        ci_hash,
        person_hash,
        dates,
        happens_at,
        _announce_digest(schema, values),
        cipher().encrypt(payload, bound_to=Record.payload_bound_to(agency_code, external_id)),
        content_digests(schema, [(state, event, ci_hash, person_hash, payload)])[0],
        former_hash,
        tuple([name for name, value in values.items() if type(value) is Cleared]),
    )


def external_id_of(value: Any, numbering: Numbering) -> str:
    """Restore the leading zeros that a number has lost; it is accepted only where the count of digits is known. So is a
    text that was a number in transit ("12345678.0"), except for numbers that the agency has declared."""
    (_, digits, is_own_serial), kind = numbering, type(value)
    if digits is None and kind is str and PLAIN.fullmatch(value):
        return str(value)
    was_number = kind is int or (kind is float and value.is_integer())
    text = str(value) if was_number else value
    if isinstance(text, str) and (float_text := FLOAT.fullmatch(text)) and not is_own_serial(text):
        text, was_number = float_text[1] or text, True
    if digits is not None and isinstance(text, str) and is_agency_number(text, is_own_serial):
        text = _of_width(text, digits)
    if not isinstance(text, str) or not is_agency_number(text, is_own_serial):
        a_person = isinstance(text, str) and holds_resident_number(text)
        raise Unacceptable("resident_number" if a_person else "bad_external_id", "external_id")
    if digits is None and was_number:
        raise Unacceptable("number_not_text", NUMBER_REMEDY)
    return text


def _of_width(text: str, digits: int) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        raise Unacceptable("not_of_width", f"external_id: {digits} digits, as the feed declares")
    return text.zfill(digits)


def is_agency_number(value: Any, is_own_serial: Callable[[str], bool] = NO_SERIALS) -> bool:
    """Return whether it may be stored in clear text as a record's number."""
    if not isinstance(value, str) or not CODE.fullmatch(value):
        return False
    return not holds_resident_number(value) or is_own_serial(value)


def version_of(value: Any) -> int:
    if type(value) is int and 1 <= value <= MOST_VERSIONS:
        return value
    try:
        version = read_integer(1 if value in (None, "") else value)
    except Unacceptable as error:
        raise Unacceptable(error.reason, "version") from error
    if not 1 <= version <= MOST_VERSIONS:
        raise Unacceptable("out_of_range", "version")
    return version


def state_of(value: Any) -> str:
    state = Record.OPEN if value in (None, "") else value
    if state not in STATES:
        raise Unacceptable("unknown_state", "state")
    return str(state)


def state_of_a_debt(state: str, schema: Schema, values: Mapping[str, Any]) -> str:
    """Treat a debt that was corrected to zero as withdrawn by the agency, and a fully paid one as paid, even where the
    agency still calls it open (docs/adr/0026). Check that an open debt can be quoted. Raises Unacceptable."""
    if not schema.owed or state not in (Record.OPEN, Record.OBJECTED):
        return state
    amount = values.get(schema.owed)
    if amount == 0:
        return Record.WITHDRAWN
    if amount is None or schema.debt is None:
        return state
    if schema.debt.is_paid(values):
        return Record.PAID
    if found := schema.debt.contradiction(values):
        raise Unacceptable(CONTRADICTION, f"{found.field}: {found.remedy}")
    return state


def event_of(value: Any) -> str:
    event = "opened" if value in (None, "") else value
    if not isinstance(event, str) or not EVENT.fullmatch(event):
        raise Unacceptable("bad_event", "event")
    return event


def subject_of(data: Mapping[str, Any], today: date) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Return the keyed hashes of the record's person: of the CI, of name + birth date + phone, or both; and the latter
    as releases up to 148511c made it, where it differs."""
    nested = data.get("subject")
    subject = nested if type(nested) is dict or isinstance(nested, Mapping) else data
    ci = subject.get("ci") or ""
    if ci and not (isinstance(ci, str) and CI.fullmatch(ci)):
        raise Unacceptable("bad_ci", "ci")
    person, former = _person(subject, today) if subject.get("name") else (None, None)
    if not ci and person is None:
        raise Unacceptable("no_subject", "subject")
    return (ci_index(ci) if ci else None), person, former


def _person(subject: Mapping[str, Any], today: date) -> tuple[bytes, bytes | None]:
    try:
        name = read_name(subject.get("name"))
        born = _birth_date(subject.get("birth_date"), today)
        phone = parse_mobile(str(subject.get("phone") or ""))
    except NotAMobile as error:
        raise Unacceptable("bad_phone", "phone") from error
    except Unacceptable as error:
        raise Unacceptable(error.reason, error.where or "subject") from error
    return person_index(name, born, phone), former_person_index(name, born, phone) if has_former_key(name) else None


def _birth_date(value: Any, today: date) -> BirthDate:
    """Return a birth date, accepting the last days of a lunar February, which registers hold."""
    if not isinstance(value, str):
        raise Unacceptable("not_a_date", "birth_date")
    return _read_birth_date(value.strip(), today)


@lru_cache(maxsize=65_536)  # more days than a century has; errors are not cached
def _read_birth_date(text: str, today: date) -> BirthDate:
    if not DATE.fullmatch(text):
        raise Unacceptable("not_a_date", "birth_date")
    try:
        born = birth_date_from_iso(text)
        refuse_impossible(born, today=today)
    except NoSuchDay as error:
        raise Unacceptable("no_such_day", "birth_date") from error
    except ImpossibleYear as error:
        raise Unacceptable("out_of_range", "birth_date") from error
    return born


def _dates(
    schema: Schema, values: Mapping[str, Any]
) -> tuple[tuple[date | None, date | None, date | None, date | None], datetime | None]:
    slots: list[date | None] = [None, None, None, None]
    happens_at = None
    for name, slot, is_deadline in schema.dated:
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, datetime):
            happens_at = happens_at or value
            value = kst_date(value)
        slots[slot - 1] = moved(value) if is_deadline else value
    return (slots[0], slots[1], slots[2], slots[3]), happens_at


def _announce_digest(schema: Schema, values: Mapping[str, Any]) -> bytes:
    """Return 16 keyed bytes over the announced fields; keyed, because amounts are few enough to be guessed."""
    return keyed_digest(orjson.dumps(tuple(map(values.get, schema.announced))))


def content_digests(schema: Schema, records: Iterable[Content]) -> list[bytes]:
    """Return, of each, four bytes that identify the schema that read it, and 16 keyed bytes over all of its content."""
    contents = [
        f'["{state}","{event}","{(ci_hash or b"").hex()}","{(person_hash or b"").hex()}"]'.encode() + payload  # JSON
        for state, event, ci_hash, person_hash, payload in records
    ]
    return [schema.mark + digest for digest in keyed_digests(contents)]
