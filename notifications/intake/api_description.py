"""Describe the agencies' API for machines (OpenAPI): headers, a record, and examples with the answer that each gets.

tests/notifications/agencies/test_agency_api.py sends every example and compares the answer.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from subscriptions.triggers import STATES

DESCRIPTION = """Deliver records about citizens, and read what came of them. Signed as in Standard Webhooks.

**Clock.** `webhook-timestamp` is accepted up to {minutes} minutes before and after our time. Outside of that the answer
is 400 `too_old` or `from_the_future`, and it states our time (`now`, and seconds in `detail`). `GET /time` states it
too, without a signature. Synchronise by NTP; sign each attempt anew with the present time and the same `webhook-id`.

**Time zones.** `webhook-timestamp` is seconds since 1970-01-01 00:00 UTC, the same number in Korea as anywhere. A date
(`2026-12-24`) is a day in Asia/Seoul. An instant carries its offset (`2026-12-24T14:00+09:00`, or `Z`); one without an
offset is read as a time in Asia/Seoul, and a day alone is refused. Answers write instants in Korea's time, with
`+09:00`.

**Repeats.** A `webhook-id` is accepted once. The same body under it gets the first answer again (`repeated: true`) and
changes nothing, for {days} days; another body is refused (409). After a time-out send the same body under the same id.

**Limits.** {records} records and {bytes} bytes a batch; more is refused as a whole (400, 413). Batches follow each
other as fast as they are answered.

**Reading.** A GET is signed over its request line in place of a body: `GET /api/agencies/v1/batches?before=12`. Its
`webhook-id` may be any, and may come again.
"""
VERSION = "grows with each correction; the same version with other content is refused, except where the feed has none"
RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["external_id", "data_type", "subject", "fields"],
    "properties": {
        "external_id": {
            "type": "string",
            "maxLength": 64,
            "description": "the agency's own number, never reused; text, since a number loses its leading zeros",
        },
        "data_type": {"type": "string", "example": "traffic_fine"},
        "version": {"type": "integer", "minimum": 1, "default": 1, "description": VERSION},
        "state": {"type": "string", "enum": list(STATES), "default": "open"},
        "event": {"type": "string", "default": "opened"},
        "subject": {
            "type": "object",
            "description": "the CI, or name, birth date and phone, or both; never a resident number",
            "properties": {
                "ci": {"type": "string", "minLength": 88, "maxLength": 88},
                "name": {"type": "string"},
                "birth_date": {"type": "string", "format": "date"},
                "phone": {"type": "string"},
            },
        },
        "fields": {"type": "object", "description": "as the data type's schema says"},
    },
}
HEADERS = [
    {"in": "header", "name": name, "required": True, "schema": {"type": "string"}, "description": meaning}
    for name, meaning in (
        ("x-agency-key", "id of the signing key"),
        ("webhook-id", "unique id of this batch; a repeat changes nothing, another batch under it is refused (409)"),
        (
            "webhook-timestamp",
            "whole seconds since 1970-01-01 00:00 UTC, the same number in Korea as anywhere, within 5 minutes of now; "
            "the very same digits are signed (some libraries sign the wall clock of a local time: give them UTC)",
        ),
        ("webhook-signature", "v1,base64(HMAC-SHA256(key, id.timestamp.body)) as in Standard Webhooks"),
    )
]

SIGNED_GET: dict[str, Any] = {"parameters": HEADERS}


def _example(summary: str, status: int, answer: dict[str, Any], *records: Any, body: Any = None) -> dict[str, Any]:
    """`answer`: what the answer contains, beside its status."""
    return {
        "summary": summary,
        "value": {"records": list(records)} if body is None else body,
        "x-answer": {"status": status, **answer},
    }


def _refused(reason: str, field: str) -> dict[str, Any]:
    return {"read": 1, "refused": 1, "refused_lines": [{"line": 1, "reason": reason, "detail": field}]}


def _fine(number: str, **values: Any) -> dict[str, Any]:
    """Return a record of an invented person, which is accepted as it is."""
    fields = {
        "violation": "제한속도 위반",
        "violated_at": "2026-11-20T14:05+09:00",
        "place": "세종대로 사거리",
        "vehicle": "12가3456",
        "amount": 40000,
        "reduced_amount": 32000,
        "reduction_ends_on": "2026-12-24",
        "due_on": "2027-01-29",
    }
    subject = {"name": "홍길동", "birth_date": "1985-03-14", "phone": "010-0000-0001"}
    return {
        "external_id": number,
        "data_type": "traffic_fine",
        "subject": {**subject, **values.pop("subject", {})},
        "fields": {**fields, **values.pop("fields", {})},
        **values,
    }


_NEW = {"read": 1, "new": 1, "refused": 0, "refused_lines": []}
EXAMPLES: dict[str, dict[str, Any]] = {
    "new": _example(_("A new record."), 200, _NEW, _fine("2026-000123")),
    "corrected": _example(
        _("A correction carries a higher version."),
        200,
        {"read": 1, "changed": 1, "refused": 0},
        _fine("2026-000123", version=2, fields={"amount": 30000, "reduced_amount": 24000}),
    ),
    "withdrawn": _example(
        _("A record that does not hold any more is withdrawn, not deleted."),
        200,
        {"read": 1, "changed": 1, "refused": 0},
        _fine("2026-000123", version=3, state="withdrawn"),
    ),
    "instant_in_utc": _example(
        _("An instant may be written in UTC: the same moment."),
        200,
        _NEW,
        _fine("2026-000124", fields={"violated_at": "2026-11-20T05:05Z"}),
    ),
    "instant_without_offset": _example(
        _("An instant without an offset is read as a time in Asia/Seoul. Better send the offset."),
        200,
        _NEW,
        _fine("2026-000125", fields={"violated_at": "2026-11-20T14:05"}),
    ),
    "instant_not_iso": _example(
        _("Refused: an instant that is not written as in ISO 8601."),
        200,
        _refused("not_a_time", "violated_at"),
        _fine("2026-000129", fields={"violated_at": "2026/11/20 14:05"}),
    ),
    "no_such_day": _example(
        _("Refused: a date that does not exist."),
        200,
        _refused("no_such_day", "due_on"),
        _fine("2026-000126", fields={"due_on": "2026-02-30"}),
    ),
    "landline": _example(
        _("Refused: no mobile number."),
        200,
        _refused("bad_phone", "phone"),
        _fine("2026-000127", subject={"phone": "02-123-4567"}),
    ),
    "number_as_number": _example(
        _("Refused: the agency's number as a number, which loses its leading zeros."),
        200,
        {"read": 1, "refused": 1},
        _fine("2026-000128") | {"external_id": 2026000128},
    ),
    "same_version": _example(
        _("Refused: other content under a version that came before."),
        200,
        _refused("same_version_other_content", "version"),
        _fine("2026-000123", version=3, state="withdrawn", fields={"amount": 99000}),
    ),
    "no_records": _example(
        _("Refused as a whole: not of this form."), 400, {"code": "wrong_shape"}, body={"record": []}
    ),
}
SIGNED_POST: dict[str, Any] = {
    "parameters": HEADERS,
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["records"],
                    "properties": {"records": {"type": "array", "items": RECORD}},
                },
                "examples": EXAMPLES,
            }
        },
    },
}
