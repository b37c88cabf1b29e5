from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from notifications.prices import use_prices
        from payments.prices import TariffPrices

        use_prices(TariffPrices())
