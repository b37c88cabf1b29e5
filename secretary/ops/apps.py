from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "secretary.ops"
    label = "ops"
    verbose_name = "Operations"
