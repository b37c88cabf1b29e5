"""Read how the mini-app of Toss is configured."""

from django.conf import settings

from secretary.kernel.adapters.config import MissingSetting, load
from subscriptions.identity.toss_login import Config


def toss_config() -> Config | None:
    """Return the configuration; None: no link can be made, as a part is not set."""
    try:
        return load(Config, settings.ADAPTER_CONFIG)
    except MissingSetting:
        return None
