"""Name the library of counted sign-ins in words; its own name and its Korean are missing."""

from axes.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInAttemptsConfig(AppConfig):  # type: ignore[misc]
    verbose_name = _("Sign-in attempts")
