from datetime import datetime
from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from subscriptions.events import merged, published, subscribed

        subscribed.connect(wake_match, dispatch_uid="notifications.match")
        merged.connect(take_notices_along, dispatch_uid="notifications.take_along")
        published.connect(wake_templates, dispatch_uid="notifications.templates")


def wake_match(*, citizen_id: UUID, **_: object) -> None:
    """Somebody subscribed: the records that are already open are matched at once."""
    from notifications.wake import wake

    wake("match")


def take_notices_along(*, former_id: UUID, citizen_id: UUID, now: datetime, **_: object) -> None:
    """Two rows were one person: what the first was told counts as told to the second. In the merge's transaction."""
    from notifications.take_along import take_along

    take_along(former_id=former_id, citizen_id=citizen_id, now=now)


def wake_templates(*, version_id: int, **_: object) -> None:
    """A data type went live: its wordings are handed in where a vendor must approve them."""
    from notifications.wake import wake

    wake("submit_templates")
