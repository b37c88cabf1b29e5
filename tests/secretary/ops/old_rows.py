"""One row of each kind that retention removes, as old as is wanted."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import models

from citizens.models import DataExport, OfficeCall
from notifications.agencies.figures import SUMS
from notifications.models import (
    Alarm,
    BatchFigures,
    DeliveryHour,
    Feed,
    FeedRun,
    IngestBatch,
    PushMessage,
    ReachDay,
    ReceiptEvent,
    RefusedLine,
    TemplateComplaint,
    YearlyMessage,
)
from payments.models import EventCount, Payment, ProviderEvent
from secretary.kernel.models import LookReport, LookReportLine, LookReportMember, ScheduledRun
from subscriptions.models import Agency, Citizen, FamilyMember, FamilyNumber, FamilyText, Office, PhoneCode, TossLink
from subscriptions.models.attempt import Attempt
from tests.subscriptions.registration.bulk.lists import an_emptied_list

NOW, DAY = datetime(2026, 3, 10, 1, tzinfo=UTC), timedelta(days=1)
numbers = itertools.count(1)


def a_feed() -> Feed:
    agency, _ = Agency.objects.get_or_create(code="knpa", defaults={"name_ko": "경찰청", "name_en": "Police"})
    return Feed.objects.get_or_create(name="knpa-push", defaults={"agency": agency, "kind": "push"})[0]


def a_person() -> Citizen:
    citizen = Citizen()
    citizen.name, citizen.birth_date = "홍길동", date(1985, 3, 14)
    citizen.save()
    return citizen


def a_family_member(*, ended_at: datetime | None = None) -> FamilyMember:
    """Long named, so that only its end counts."""
    member = FamilyMember(citizen=a_person(), named_at=NOW - 1000 * DAY, ended_at=ended_at)
    member.state = "ended" if ended_at else "asked"
    member.hold(name="큰딸", phone="+821000000077", code=f"CODE{next(numbers)}")
    member.save()
    return member


def a_family_text(at: datetime, member: FamilyMember) -> FamilyText:
    return FamilyText.objects.create(member=member, kind="question", created_at=at, not_before=at)


def a_run(at: datetime, **values: Any) -> FeedRun:
    """A run that is not the newest of its feed: today's is."""
    ended = {"state": FeedRun.FINISHED, "started_at": at, "finished_at": at}
    return FeedRun.objects.create(feed=a_feed(), **{**ended, **values})


def an_event(at: datetime, payment: Payment | None) -> Any:
    return ProviderEvent.objects.create(
        provider="toss_payments", event_id=str(next(numbers)), received_at=at, payment=payment
    )


def dated(model: type[models.Model], field: str, at: datetime, **values: Any) -> Any:
    """A row of a model that sets its time by itself."""
    row = model._default_manager.create(**values)
    model._default_manager.filter(pk=row.pk).update(**{field: at})
    return row


def a_receipt(at: datetime, **values: Any) -> ReceiptEvent:
    given = {"gateway": "nhn", "event_id": str(next(numbers)), "verdict": "delivered", "applied_at": at}
    return ReceiptEvent.objects.create(received_at=at, **{**given, **values})


def a_report(at: datetime) -> LookReport:
    return LookReport.objects.create(month=at.date(), made_at=at)


ACCESSES: dict[str, Any] = {
    "actor": "staff:1", "looks": 1, "revealed": 0, "unexplained": 0, "out_of_hours": 0, "refused": 0
}  # fmt: skip
MADE: dict[str, Callable[[datetime], Any]] = {
    "expired sessions, with the unfinished sign-ups in them": lambda at: Session.objects.create(
        session_key=f"s{next(numbers)}", expire_date=at
    ),
    "links to Toss": lambda at: TossLink.objects.create(
        citizen=a_person(), code_hash=str(next(numbers)).encode(), started_at=at, expires_at=at
    ),
    "attempt counters": lambda at: Attempt.objects.create(what="x", key_hash=b"k", window_start=at),
    "sign-in codes": lambda at: PhoneCode.objects.create(mark=f"m{next(numbers)}", code_hash=b"h", asked_at=at),
    "text messages to family members who ended": lambda at: a_family_text(at, a_family_member(ended_at=at)),
    "text messages to family members": lambda at: a_family_text(at, a_family_member()),
    "family members who ended": lambda at: a_family_member(ended_at=at),
    "how often numbers were asked as a family member's": lambda at: FamilyNumber.objects.create(
        phone_hash=str(next(numbers)).encode(), since=at
    ),
    "counts of lists that officials uploaded": an_emptied_list,
    "runs of scheduled jobs": lambda at: ScheduledRun.objects.create(name="sweep", due_at=at, started_at=at),
    "monthly reports of accesses, by person": lambda at: LookReportLine.objects.create(
        report=a_report(at), citizen_id=uuid4(), days=1, **ACCESSES
    ),
    "monthly reports of accesses, by member of staff": lambda at: LookReportMember.objects.create(
        report=a_report(at), people=1, **ACCESSES
    ),
    "monthly reports of accesses": a_report,
    "receipts of gateways": a_receipt,
    "ids of signed pushes": lambda at: PushMessage.objects.create(
        feed=a_feed(), message_id=str(next(numbers)), received_at=at, run=a_run(NOW)
    ),
    "refused lines of feeds": lambda at: RefusedLine.objects.create(run=a_run(at), line=1, reason="bad"),
    "ingested batches": lambda at: IngestBatch.objects.create(run=a_run(NOW), created_at=at, matched_at=at),
    "figures of batches": lambda at: BatchFigures.objects.create(
        run=a_run(NOW), counted_at=at, **dict.fromkeys((*SUMS, "people"), 0)
    ),
    "feed runs": a_run,
    "who was informed of an alarm": lambda at: MADE["cleared alarms"](at).messages.create(recipient="", sent_at=at),
    "cleared alarms": lambda at: Alarm.objects.create(kind="feed", subject="x", raised_at=at, cleared_at=at),
    "values that gateways found unfit for a message template": lambda at: TemplateComplaint.objects.create(
        template_id=next(numbers), record_id=next(numbers), code="-1028", said_at=at
    ),
    "counts of deliveries by the hour": lambda at: DeliveryHour.objects.create(
        hour=at, channel="sms", state="delivered", count=1
    ),
    "outcomes of notices by the day": lambda at: ReachDay.objects.create(
        day=at.date(), data_type_id=1, outcome="late", count=1, first_id=1, last_id=1
    ),
    "yearly messages that were not sent": lambda at: YearlyMessage.objects.create(
        citizen_id=uuid4(), year=at.year, state="cancelled", finished_at=at
    ),
    "payment providers' events about no payment of ours": lambda at: an_event(at, None),
    "payment providers' events": lambda at: an_event(at, Payment.objects.get()),
    "counts of payment providers' events": lambda at: EventCount.objects.create(
        provider="toss_payments", kind=EventCount.FOLDED, hour=at, times=1
    ),
    "copies of their data that people asked for": lambda at: DataExport.objects.create(
        citizen=Citizen.objects.get(), asked_at=at, expires_at=at, state=DataExport.READY
    ),
    "calls of offices to people who were not reached": lambda at: OfficeCall.objects.create(
        citizen=a_person(),
        office=Office.objects.get_or_create(code="9911051000", defaults={"name_ko": "가상동", "name_en": "Gasang"})[0],
        notice_id=1,
        called_at=at,
        outcome="reached",
    ),
    "failed sign-ins of staff that are counted": lambda at: dated(
        AccessAttempt, "attempt_time", at, failures_since_start=1
    ),
    "sign-ins of staff": lambda at: dated(AccessLog, "attempt_time", at),
    "failed sign-ins of staff": lambda at: dated(AccessFailureLog, "attempt_time", at),
    "Django's log of changes in the admin": lambda at: LogEntry.objects.create(
        user=User.objects.get_or_create(username="alice")[0], action_flag=1, action_time=at, object_repr="x"
    ),
}
