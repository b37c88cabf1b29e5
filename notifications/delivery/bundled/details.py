"""Read out of records what distinguishes notices of one title: what each owes, and when it happened."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from notifications.delivery.bundled.lines import Detail, short_day
from notifications.matching.prices import PriceUnknown, prices
from notifications.models import Delivery, Record
from notifications.models.record import is_about
from secretary.kernel.korean.korean import Language, format_time, format_won
from secretary.kernel.time.clock import kst_date
from subscriptions.message_templates.values import read_datetime
from subscriptions.specs import FieldSpec, fields_from_json


def details(deliveries: Sequence[int], *, on: date, language: Language) -> dict[int, Detail]:
    """Return what is known of each delivery's notice on the day `on` (KST); one statement.

    Of public fields alone, and nothing of a sensitive kind or of a record that is about another person now.
    """
    found = Delivery.objects.filter(
        is_about(record="notice__record__", citizen="notice__citizen"),
        pk__in=deliveries,
        notice__stage__version__sensitive=False,
    ).select_related("notice__record__agency", "notice__record__data_type", "notice__stage__version")
    return {each.pk: _detail(each.notice.record, each.notice.stage.version.fields, on, language) for each in found}


def _detail(record: Record, fields: Any, on: date, language: Language) -> Detail:
    values = record.payload
    public = [item for item in fields_from_json(fields) if not item.private and values.get(item.name)]
    amount = _amount(record, values, public, on)
    happened = next((item for item in public if item.type in ("date", "datetime") and not item.date_slot), None)
    return Detail(
        "" if amount is None else format_won(amount, language),
        _when(happened, values[happened.name], language) if happened else "",
    )


def _amount(record: Record, values: Mapping[str, Any], public: Sequence[FieldSpec], on: date) -> int | None:
    """Return today's price of a debt that is open, the first amount of what is no debt, else None."""
    tariff = record.data_type.payable
    if not tariff:
        return next((int(values[item.name]) for item in public if item.type == "won"), None)
    try:
        return prices().price(tariff, values, on=on, objected=False).amount if record.state == Record.OPEN else None
    except PriceUnknown:
        return None


def _when(field: FieldSpec, value: str, language: Language) -> str:
    if field.type == "date":
        return short_day(date.fromisoformat(value), language)
    instant = read_datetime(value)
    between = " " if language == "ko" else ", "
    return f"{short_day(kst_date(instant), language)}{between}{format_time(instant, language)}"
