"""What happens to notices, without a gateway: the claim begins attempts, and outcomes are reported by name."""

from datetime import datetime
from typing import Any

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from tests.notifications.cast import MORNING, ingest


def arrive(*records: dict[str, Any], now: datetime = MORNING) -> list[Notice]:
    """These records come in and are matched; the new notices, none of them claimed."""
    before = set(Notice.objects.values_list("pk", flat=True))
    ingest(*records, now=now)
    match_everything(now=now)
    return list(Notice.objects.exclude(pk__in=before).order_by("pk"))


def hand_over(*verdicts: tuple[Verdict, str], now: datetime = MORNING) -> None:
    """Everything that is due is claimed, and each newest attempt is reported of, one outcome after the other."""
    claim(now=now)
    for verdict, code in verdicts:
        report(verdict, code, now=now)


def report(verdict: Verdict, code: str = "", *, now: datetime = MORNING, notice: Notice | None = None) -> None:
    """The gateway reports of the newest attempt, of this notice or of all that have one, by a receipt."""
    rows = Delivery.objects.filter(notice=notice) if notice else Delivery.objects.all()
    newest = rows.order_by("notice_id", "-fence").distinct("notice_id")
    apply_outcomes(
        [Reported(row.pk, Outcome("", verdict, code), row.channel, by_receipt=True) for row in newest], now=now
    )
