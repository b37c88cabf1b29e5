from datetime import datetime
from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from subscriptions.events import merged


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from notifications.matching.prices import use_prices
        from payments.bills.prices import TariffPrices
        from payments.words import TARIFFS
        from subscriptions.tariff_names import name_tariffs

        use_prices(TariffPrices())
        name_tariffs(TARIFFS)


def take_bills_along(*, citizen_id: UUID, now: datetime, **_: object) -> None:
    """Two rows were one person: what the first had to pay is the second's. In the merge's transaction."""
    from payments.bills import bills

    bills.take_bills_along(citizen_id=citizen_id, now=now)


# Here and not in `ready`, so that it is called before the notices' receiver: a payment locks bills before notices.
merged.connect(take_bills_along, dispatch_uid="payments.take_along")
