from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "secretary.ops"
    label = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from secretary import checks

        checks.register_checks()
