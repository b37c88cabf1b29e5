"""Publish approved versions at the time that their approver has set, or cancel that."""

import logging
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from secretary.kernel.audit.audit import record_audit
from subscriptions.data_types.drafts import Refused, record
from subscriptions.data_types.publish import lock_data_type, make_live, refuse_problems
from subscriptions.events import announce_not_published
from subscriptions.models import DataTypeVersion

log = logging.getLogger(__name__)


def publish_due(*, now: datetime) -> int:
    """Make live what is due; return how many. One that has problems by now is not: its approval is withdrawn."""
    due = DataTypeVersion.objects.filter(state=DataTypeVersion.REVIEW, live_at__lte=now).order_by("live_at", "pk")
    return sum(_publish(version, now) for version in due)


@transaction.atomic
def cancel_publication(*, version: DataTypeVersion, by: AbstractBaseUser, now: datetime) -> DataTypeVersion:
    """Withdraw the approval of a version that waits for its time: it is in review again. Raises Refused."""
    row = DataTypeVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != DataTypeVersion.REVIEW or row.live_at is None:
        raise Refused(_("This version does not wait for a time any more."))
    _withdraw(row)
    record(version=row, action="publication cancelled", by=by, now=now)
    return row


@transaction.atomic
def _publish(version: DataTypeVersion, now: datetime) -> bool:
    """Look at the row again under its lock: another scheduler may have been faster, or a person have cancelled."""
    lock_data_type(version)
    row = DataTypeVersion.objects.select_for_update().get(pk=version.pk)
    if row.state != DataTypeVersion.REVIEW or row.live_at is None or row.live_at > now:
        return False
    place = f"data_type_version:{row.pk} {row.data_type.code} v{row.number}"
    try:
        refuse_problems(row)
    except Refused as refused:
        log.warning("%s is not published: %s", place, refused)
        _withdraw(row)
        record_audit(now=now, actor="system:schedule", action="publication refused", object=place)
        announce_not_published(row.pk)
        return False
    make_live(row)
    record_audit(now=now, actor="system:schedule", action="version published", object=place)
    return True


def _withdraw(row: DataTypeVersion) -> None:
    row.live_at, row.approved_at, row.approved_by = None, None, None
    row.save(update_fields=["live_at", "approved_at", "approved_by"])
