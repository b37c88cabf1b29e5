from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "secretary.kernel"
    label = "common"
    verbose_name = _("Audit trail and scheduled runs")
