from datetime import datetime
from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from notifications.models import AgencyKey, Feed
        from secretary.kernel.audit.changes import put_on_trail
        from subscriptions.events import (
            attacked,
            code_asked,
            list_failed,
            merged,
            not_published,
            published,
            rescheduled,
            subscribed,
        )
        from subscriptions.message_templates.limits import list_gateways_by, narrow_by

        put_on_trail(
            Feed,
            shown=("name", "agency_id", "kind", "enabled", "every_minutes", "all_or_nothing"),
            named=("settings",),
        )
        put_on_trail(AgencyKey, shown=("key_id", "feed_id", "revoked_at"), named=("secret_encrypted",))
        narrow_by(vendor_limits)
        list_gateways_by(gateways_of)
        subscribed.connect(enqueue_match, dispatch_uid="notifications.match")
        merged.connect(take_notices_along, dispatch_uid="notifications.take_along")
        rescheduled.connect(free_waiting_notices, dispatch_uid="notifications.follow_hours")
        published.connect(enqueue_templates, dispatch_uid="notifications.templates")
        not_published.connect(alarm_about_publication, dispatch_uid="notifications.not_published")
        code_asked.connect(enqueue_codes, dispatch_uid="notifications.codes")
        attacked.connect(alarm_about_sign_ins, dispatch_uid="notifications.attacked")
        list_failed.connect(alarm_about_list, dispatch_uid="notifications.list_failed")


def vendor_limits(channel: str) -> dict[str, int]:
    """Return the limits of the channel's vendor, for the template editor and for delivery."""
    from notifications.delivery.gateways import vendor_limits

    return vendor_limits(channel)


def gateways_of(channel: str) -> tuple[str, ...]:
    """Return the gateways of the channel, for the template editor."""
    from notifications.delivery.gateways import gateways_of

    return gateways_of(channel)


def enqueue_match(*, citizen_id: UUID, **_: object) -> None:
    """Match the open records of a new subscriber at once."""
    from secretary.kernel.enqueue import enqueue

    enqueue("match")


def take_notices_along(*, former_id: UUID, citizen_id: UUID, now: datetime, **_: object) -> None:
    """Move the notices of a person's merged row to the row that stays. In the merge's
    transaction."""
    from notifications.matching.take_along import take_along

    take_along(former_id=former_id, citizen_id=citizen_id, now=now)


def free_waiting_notices(*, citizen_id: UUID, now: datetime, **_: object) -> None:
    """Let what waits for a person's old hours be compared with the new ones. In the transaction of the change."""
    from notifications.matching.follow_hours import follow_hours

    follow_hours(citizen_id=citizen_id, now=now)


def enqueue_templates(*, version_id: int, **_: object) -> None:
    """Submit the templates of a data type that went live, where a vendor must approve them."""
    from secretary.kernel.enqueue import enqueue

    enqueue("submit_templates")
    enqueue("free_waiting")  # notices that wait for a template which the new version has corrected


def enqueue_codes(**_: object) -> None:
    """Send the code of a person who waits for it to sign in."""
    from secretary.kernel.enqueue import enqueue

    enqueue("send_codes")


def alarm_about_publication(*, version_id: int, **_: object) -> None:
    """Raise an alarm for a version that was to go live at a set time and did not."""
    from notifications.alarms import raise_alarm
    from secretary.kernel.time.clock import now

    message = "it was approved to go live at this time, and has problems by now: see its page; it waits for approval"
    raise_alarm(kind="not_published", subject=f"version {version_id}", message=message, now=now())


def alarm_about_sign_ins(*, subject: str, **_: object) -> None:
    """Raise an alarm for too many failed sign-ins to the staff's sites, for one account or from one address."""
    from notifications.alarms import raise_alarm
    from secretary.kernel.time.clock import now

    raise_alarm(kind="sign_in_attack", subject=subject, message="Too many failed sign-ins; sign-in blocked", now=now())


def alarm_about_list(*, upload_id: int, **_: object) -> None:
    """Raise an alarm for a list of seniors that was given up after several attempts."""
    from notifications.alarms import raise_alarm
    from secretary.kernel.time.clock import now

    message = f"the check or the registration of list {upload_id} failed too often; what is registered stays"
    raise_alarm(kind="list_failed", subject=f"list {upload_id}", message=message, now=now())
