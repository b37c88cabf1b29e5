from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CitizensConfig(AppConfig):
    name = "citizens"
    verbose_name = _("Citizens' site")

    def ready(self) -> None:
        from citizens.templatetags import unread
        from subscriptions.events import merged
        from subscriptions.web.session import signed_in

        merged.connect(take_calls_along, dispatch_uid="citizens.take_along")
        signed_in.read_along(unread.ALONG, unread.sql_along())


def take_calls_along(*, former_id: UUID, citizen_id: UUID, **_: object) -> None:
    """Two rows were one person: the calls of offices to the first were to the second. In the merge's transaction."""
    from citizens.office_calls import take_along

    take_along.take_calls_along(former_id=former_id, citizen_id=citizen_id)
