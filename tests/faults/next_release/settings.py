"""As the service's own, with one application more."""

from secretary.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.next_release"]  # noqa: F405
