"""Ask for a test message: one press makes one, and only so many go out a day."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications.models import TrialMessage
from notifications.trials.trial_way import way_of
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.database.retry import retried
from secretary.kernel.enqueue import enqueue
from subscriptions.accounts.attempts import count
from subscriptions.enrolment.people import lock_person
from subscriptions.models import Citizen

LIMIT = "trial_person"
ON_ITS_WAY = "on_its_way"


class NotPossible(Exception):
    """No test message goes out. `why`: a reason of `trial_way`, or ON_ITS_WAY."""

    def __init__(self, why: str, channel: str = "") -> None:
        super().__init__(why)
        self.why, self.channel = why, channel


NEWEST = KeptQuery(lambda citizen: TrialMessage.objects.filter(citizen=citizen).order_by("-id")[:1])


def newest_trial(citizen_id: UUID) -> TrialMessage | None:
    newest: TrialMessage | None = NEWEST.first(citizen=citizen_id)
    return newest


@retried
@transaction.atomic
def ask_trial(*, citizen_id: UUID, after: int, actor: str, now: datetime) -> TrialMessage:
    """Return the person's new test message, which a worker hands over at once; or, where the button was pressed twice,
    the one that the first press made.

    `after`: the number of the newest one that the pressed page knew of, 0 for none. Raises NotPossible, TooMany, Busy.
    """
    lock_person(citizen_id)
    newest = newest_trial(citizen_id)
    if newest is not None and newest.pk != after:
        return newest
    if newest is not None and newest.is_open(now):
        raise NotPossible(ON_ITS_WAY, newest.channel)
    way = way_of(Citizen.objects.get(pk=citizen_id), now=now)
    if way.template is None:
        raise NotPossible(way.why_not, way.channel)
    count({LIMIT: str(citizen_id)}, now=now)
    trial = TrialMessage(citizen_id=citizen_id, channel=way.channel, template=way.template, asked_at=now, look_at=now)
    trial.save()
    place = f"test_message:{trial.pk} {way.channel}"
    record_audit(now=now, actor=actor, action="test_message.asked", citizen_id=citizen_id, object=place)
    transaction.on_commit(lambda: enqueue("trials"))
    return trial
