from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "secretary.ops"
    label = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from secretary import celery, checks

        celery.app.set_default()  # wake-ups from any process go through our queues
        checks.register_checks()
