from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"
    verbose_name = _("Subscriptions by data type")

    def ready(self) -> None:
        from subscriptions.accounts import account_changes, sign_in_trail
        from subscriptions.accounts.roles import ensure_roles

        account_changes.watch()
        sign_in_trail.watch()
        post_migrate.connect(ensure_roles, dispatch_uid="subscriptions.roles")
