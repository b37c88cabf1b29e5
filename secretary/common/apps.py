from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "secretary.common"
    label = "common"
    verbose_name = "Audit trail and ticks"
