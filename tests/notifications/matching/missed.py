"""Create a person whose only notice did not arrive, for the tests of reissued notices."""

from datetime import datetime, timedelta
from typing import Any

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, DataType
from tests.notifications.cast import MORNING, ci_of, ingest, record
from tests.subscriptions import cast as people
from tests.support.present import present

LATER = MORNING + timedelta(hours=2)
FORM = people.GRANDMOTHER
OTHER_NUMBER = "+821000000044"


def who(**changes: Any) -> Person:
    person = {"ci": ci_of(7), "name": FORM.name, "birth_date": FORM.birth_date, "phone": FORM.phone}
    return Person(**(person | changes))


def sign_up(*channels: str, now: datetime = MORNING, **changes: Any) -> Citizen:
    return people.enrol(who(**changes), channels or ("sms",), now=now)


def push(version: int = 1, *, number: str = "X", now: datetime = MORNING, **values: Any) -> None:
    ingest(record(7, external_id=number, version=version, **values), now=now)


def go(now: datetime = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def fails(now: datetime = MORNING) -> None:
    """Let the gateway report of the newest message that its number accepts none."""
    apply_outcomes([Reported(Delivery.objects.latest("pk").pk, Outcome("", Verdict.UNDELIVERABLE, "30003"))], now=now)
    go(now)


def arrives(now: datetime = MORNING) -> None:
    apply_outcomes([Reported(Delivery.objects.latest("pk").pk, Outcome("", Verdict.DELIVERED))], now=now)


def made() -> list[tuple[str, str, str]]:
    """Stage, state and reason of each notice, the oldest first."""
    return list(Notice.objects.order_by("pk").values_list("stage__code", "state", "reason"))


def failed_on_every_channel() -> None:
    go()
    fails()


def another_reminder(fine: DataType, code: str, offset: int) -> None:
    stage = present(fine.live_version).stages.get(code="due_soon")
    templates = list(stage.templates.all())
    stage.pk, stage.code, stage.offset_days, stage.expires_days = None, code, offset, max(offset, 0) * 30
    stage.save()
    for template in templates:
        template.pk, template.stage = None, stage
        template.save()
