"""Serve the web application under gunicorn."""

import gc
import os

import django

from secretary import env

env.process = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402  (these need the applications)

from notifications.receipts.receive import CallbacksFirst  # noqa: E402
from secretary.checks import refuse_unsafe_start, refuse_wrong_clock  # noqa: E402
from secretary.kernel.database.connections import spare_checks  # noqa: E402
from secretary.kernel.database.prepared import plan_once  # noqa: E402
from secretary.kernel.http.known_routes import KnownRoutes  # noqa: E402
from secretary.kernel.http.thread_locals import use_thread_locals  # noqa: E402
from secretary.kernel.http.whole_body import WholeBody  # noqa: E402
from secretary.kernel.request_ids import RequestIds  # noqa: E402

refuse_unsafe_start()
refuse_wrong_clock()
use_thread_locals()
spare_checks()
plan_once()
_ = get_resolver().url_patterns  # now, and not while the first visitor waits
application = RequestIds(WholeBody(CallbacksFirst(KnownRoutes()), settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
gc.freeze()  # as in secretary/celery.py
# A page leaves some 500 objects in cycles: looking for them every 700 took a tenth of its time. 4 MB at most.
gc.set_threshold(20_000)
