"""The web application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
application = get_wsgi_application()

from secretary.checks import refuse_unsafe_start  # noqa: E402  (needs the applications)

refuse_unsafe_start()
