from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from subscriptions.events import published, subscribed

        subscribed.connect(wake_match, dispatch_uid="notifications.match")
        published.connect(wake_templates, dispatch_uid="notifications.templates")


def wake_match(*, citizen_id: UUID, **_: object) -> None:
    """Somebody subscribed: the records that are already open are matched at once."""
    from notifications.wake import wake

    wake("match")


def wake_templates(*, version_id: int, **_: object) -> None:
    """A data type went live: its wordings are handed in where a vendor must approve them."""
    from notifications.wake import wake

    wake("submit_templates")
