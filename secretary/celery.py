"""Define the queues and the whole schedule, on one screen. Messages only start work; PostgreSQL is the truth."""

import gc
import math
import os
import sys
import time
from contextlib import suppress
from contextvars import Token
from typing import Any

from billiard.util import get_pdeathsig
from celery import Celery
from celery.signals import beat_init, task_postrun, task_prerun, worker_init, worker_process_init
from django.conf import settings
from django.db import connections
from kombu.entity import Queue
from kombu.utils.scheduling import round_robin_cycle

from secretary import env
from secretary.kernel import log_ids

if not settings.configured:  # Celery's own process, and not one that enqueues tasks
    env.process = "worker"
    # Celery would run Django's checks, drop what they say, and load every page for them: 20 MB and half a second.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")

GARBAGE_OBJECTS = 50_000  # made and not yet freed, between two looks for cycles: 10 MB at most
REST_SECONDS = 10.0  # without other work; a worker's connection lives as long (setting_groups/databases.py)
LEFT_OBJECTS = 2_000  # by a task, above which it is cleared up after: half a megabyte

MOST_IN_A_ROW = 8


class UrgentFirst(round_robin_cycle):
    """Take from the first queue of a worker while it has messages, but not more than so many in a row: the other ones
    go on, however many come. It is the `queue_order_strategy` of the settings."""

    _in_a_row = 0

    def consume(self, n: int) -> list[str]:
        ordered = self.items[:n]
        return ordered if self._in_a_row < MOST_IN_A_ROW else ordered[1:] + ordered[:1]

    def rotate(self, last_used: str) -> None:
        is_first = [last_used] == self.items[:1]  # of none, when a worker ends while a message still comes
        self._in_a_row = self._in_a_row + 1 if is_first else 0


app = Celery("secretary")
app.config_from_object("django.conf:settings", namespace="CELERY")

# One worker per queue in production; any number of workers on any number of machines.
app.conf.task_queues = [Queue(name) for name in ("urgent", "notices", "feeds", "payments")]
app.conf.task_routes = {
    "notifications.match": {"queue": "urgent"},
    "notifications.match_due": {"queue": "urgent"},
    "notifications.deliver_urgent": {"queue": "urgent"},
    "notifications.receipts": {"queue": "urgent"},
    "notifications.send_codes": {"queue": "urgent"},
    "notifications.trials": {"queue": "urgent"},
    "notifications.sweep": {"queue": "urgent"},
    "notifications.deliver": {"queue": "notices"},
    "notifications.deliver_bundles": {"queue": "notices"},
    "notifications.ask": {"queue": "notices"},
    "notifications.free_waiting": {"queue": "notices"},
    "notifications.read_feed": {"queue": "feeds"},
    "notifications.submit_templates": {"queue": "feeds"},
    "ops.housekeeping": {"queue": "feeds"},
    "notifications.mend_line": {"queue": "feeds"},
    "notifications.move_deadlines": {"queue": "feeds"},
    "notifications.watch_calendar": {"queue": "feeds"},
    "notifications.watch_reach": {"queue": "notices"},
    "notifications.count_deliveries": {"queue": "notices"},
    "notifications.count_batch": {"queue": "feeds"},
    "notifications.watch_strangers": {"queue": "feeds"},
    "notifications.yearly_messages": {"queue": "notices"},
    "payments.ask": {"queue": "payments"},
    "payments.refund": {"queue": "payments"},
    "payments.post": {"queue": "payments"},
    "payments.sweep": {"queue": "payments"},
    "payments.watch": {"queue": "payments"},
    "payments.reconcile": {"queue": "payments"},
    "citizens.export": {"queue": "feeds"},
    "citizens.erase": {"queue": "feeds"},
    "citizens.keep_promises": {"queue": "feeds"},
    "citizens.inform_families": {"queue": "notices"},
    "citizens.sweep": {"queue": "feeds"},
    "subscriptions.check_list": {"queue": "feeds"},
    "subscriptions.write_list": {"queue": "feeds"},
    "subscriptions.sweep": {"queue": "feeds"},
    "notifications.send_alarms": {"queue": "payments"},
    "secretary.ping": {"queue": "payments"},
    "secretary.link_audit": {"queue": "urgent"},
    "secretary.export_audit_head": {"queue": "feeds"},
    "secretary.end_audit": {"queue": "feeds"},
    "secretary.report_looks": {"queue": "feeds"},
}
app.conf.beat_schedule = {
    # A message that no worker received within 60 s expires: the next run does the work.
    "sweep": {"task": "notifications.sweep", "schedule": settings.SWEEP_SECONDS, "options": {"expires": 60}},
    "link_audit": {"task": "secretary.link_audit", "schedule": settings.SWEEP_SECONDS, "options": {"expires": 60}},
    "audit_head": {"task": "secretary.export_audit_head", "schedule": 300.0, "options": {"expires": 300}},
    "mend_line": {"task": "notifications.mend_line", "schedule": 3600.0, "options": {"expires": 3600}},
    "watch_reach": {"task": "notifications.watch_reach", "schedule": 60.0, "options": {"expires": 60}},
    "count_deliveries": {"task": "notifications.count_deliveries", "schedule": 60.0, "options": {"expires": 60}},
    "send_alarms": {"task": "notifications.send_alarms", "schedule": 60.0, "options": {"expires": 60}},
    "ping": {"task": "secretary.ping", "schedule": 60.0, "options": {"expires": 60}},
    "watch_calendar": {"task": "notifications.watch_calendar", "schedule": 3600.0, "options": {"expires": 3600}},
    "watch_strangers": {"task": "notifications.watch_strangers", "schedule": 900.0, "options": {"expires": 900}},
    "yearly_messages": {"task": "notifications.yearly_messages", "schedule": 60.0, "options": {"expires": 60}},
    "housekeeping": {"task": "ops.housekeeping", "schedule": 900.0, "options": {"expires": 900}},
    "end_audit": {"task": "secretary.end_audit", "schedule": 900.0, "options": {"expires": 900}},
    "report_looks": {"task": "secretary.report_looks", "schedule": 900.0, "options": {"expires": 900}},
    "submit_templates": {"task": "notifications.submit_templates", "schedule": 300.0, "options": {"expires": 300}},
    "match_due": {"task": "notifications.match_due", "schedule": 300.0, "options": {"expires": 300}},
    "payments_sweep": {"task": "payments.sweep", "schedule": settings.SWEEP_SECONDS, "options": {"expires": 60}},
    "payments_watch": {"task": "payments.watch", "schedule": 60.0, "options": {"expires": 60}},
    "keep_promises": {"task": "citizens.keep_promises", "schedule": 900.0, "options": {"expires": 900}},
    "inform_families": {"task": "citizens.inform_families", "schedule": 60.0, "options": {"expires": 60}},
    "citizens_sweep": {"task": "citizens.sweep", "schedule": settings.SWEEP_SECONDS, "options": {"expires": 60}},
    "subscriptions_sweep": {
        "task": "subscriptions.sweep",
        "schedule": settings.SWEEP_SECONDS,
        "options": {"expires": 60},
    },
    "reconcile": {"task": "payments.reconcile", "schedule": 300.0, "options": {"expires": 300}},
}
app.conf.worker_autoscaler = "secretary.second_process:SecondProcess"  # of workers that are started with --autoscale
SCHEDULED = {entry["task"] for entry in app.conf.beat_schedule.values()}
# Celery would close the connection to the database around each task (docs/adr/0007); `check_connection` closes it now.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize // 2 if settings.DATABASES["default"]["CONN_MAX_AGE"] else None
app.autodiscover_tasks(["subscriptions", "notifications", "payments", "citizens", "secretary.ops"])


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**_: Any) -> None:
    """Refuse to start a worker or scheduler with a wrong clock, or in production with a missing or unsafe value.

    Celery logs what a signal's receiver raises and goes on; it does not catch SystemExit.
    """
    from secretary import checks  # needs the applications, which are loaded after this module
    from secretary.env import Misconfigured

    try:
        checks.refuse_unsafe_start()
        checks.refuse_wrong_clock()
    except Misconfigured as refused:
        raise SystemExit(str(refused)) from refused


@worker_init.connect
def load_before_forking(**_: Any) -> None:
    """Load what tasks would load when they first need it, each process for itself: connectors, adapters, providers,
    tariffs, the Korean calendar, 0.2 s of each. Loaded once before the processes are forked, its memory is shared."""
    from notifications.channels.registry import adapters
    from notifications.sources import registry as connectors
    from payments.providers.registry import providers
    from payments.tariffs.ladder import tariffs
    from secretary.kernel.time import clock
    from secretary.kernel.time.working_days import is_working_day

    connectors.kinds()
    adapters()
    providers()
    tariffs()
    is_working_day(clock.kst_date(clock.now()))
    if "pycparser" not in sys.modules:  # which the processes of ./run were forked with
        with suppress(OSError):  # not Linux
            get_pdeathsig()  # each process sets it, for which billiard loads a parser of C: 5 MB and 0.1 s


@worker_process_init.connect
def leave_out_what_stays(**_: Any) -> None:
    """Freeze what a worker process begins with (Django, Celery, the applications: 170,000 objects). The
    garbage collector need not walk through it, which was a tenth of a deliverer's time; and its pages stay shared. What
    a batch makes lives until its end and dies by its counts: looking for cycles every 700 objects finds none."""
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


@task_prerun.connect
def check_connection(*, task: Any, **_: Any) -> None:
    """Close the connection that an earlier task has left where it is older than CONN_MAX_AGE or does not work."""
    if task.request.is_eager:
        return  # it belongs to the caller
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
        if connection.in_atomic_block:  # a time limit ended the earlier task while Django was ending its transaction
            connection.close()
            del connections[connection.alias]


@task_postrun.connect
def clear_up(**_: Any) -> None:
    """Free what a task has left in cycles (rows fetched with their parents and children point at each other), before
    the next one takes more. A batch of notices leaves next to nothing, and costs no look."""
    if gc.get_count()[0] > LEFT_OBJECTS:
        gc.collect()


_last: dict[str, float] = {}  # "work": when this process ended a task that came by no schedule


@task_postrun.connect
def let_connections_go(*, task: Any, **_: Any) -> None:
    """Close the connection after a task that came by the schedule, in a process that had no other work for so long that
    the next task would close it: a session that waits for that holds 7 MB of the database's memory (docs/adr/0007)."""
    if task is None or task.request.is_eager:
        return
    if task.name not in SCHEDULED:
        _last["work"] = time.monotonic()
    elif time.monotonic() - _last.get("work", -math.inf) > REST_SECONDS:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:  # which `check_connection` mends
                connection.close()


_running: dict[str, Token[log_ids.Ids]] = {}  # task's id → what to bind again after it


@task_prerun.connect
def name_task_in_log(*, task_id: str, task: Any, **_: Any) -> None:
    """Bind the task's name and id to each of its log lines, also to the one about its failure."""
    _running[task_id] = log_ids.begin(task=task.name, task_id=task_id)


@task_postrun.connect
def end_of_task_in_log(*, task_id: str, **_: Any) -> None:
    if token := _running.pop(task_id, None):
        log_ids.end(token)
