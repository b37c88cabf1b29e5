import gc

from django.apps import AppConfig
from django.core.checks import Tags, register


class OpsConfig(AppConfig):
    name = "secretary.ops"
    label = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from secretary import celery, checks
        from secretary.ops.audit_head import check_place
        from secretary.ops.ping import check_who_hears
        from secretary.ops.rights import check_role

        celery.app.set_default()  # messages from any process go through our queues
        checks.register_checks()
        register(check_role, Tags.database)
        register(check_place, "production", deploy=True)
        register(check_who_hears, "production", deploy=True)
        gc.freeze()  # what is imported stays; processes that are forked off share its memory
        gc.enable()  # secretary/settings.py switched it off
