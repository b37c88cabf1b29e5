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

if not settings.configured:  # a worker or beat, not a process that only enqueues tasks
    env.process = "worker"
    # Celery would run Django's checks, ignore their errors, and load every page for them: 20 MB and half a second.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")

GARBAGE_OBJECTS = 50_000  # objects made and not freed between two garbage collections: 10 MB at most
REST_SECONDS = 10.0  # without other work; a worker's connection lives as long (setting_groups/databases.py)
LEFT_OBJECTS = 2_000  # by a task, above which it is cleared up after: half a megabyte

MOST_IN_A_ROW = 8


class UrgentFirst(round_robin_cycle):
    """Take messages from a worker's first queue while it has some, but only so many in a row, so that the other queues
    are served too. The settings name it as `queue_order_strategy`."""

    _in_a_row = 0

    def consume(self, n: int) -> list[str]:
        ordered = self.items[:n]
        return ordered if self._in_a_row < MOST_IN_A_ROW else ordered[1:] + ordered[:1]

    def rotate(self, last_used: str) -> None:
        is_first = [last_used] == self.items[:1]  # of no queues, if a worker ends while a message still arrives
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
app.conf.worker_autoscaler = "secretary.second_process:SecondProcess"  # for workers that are started with --autoscale
SCHEDULED = {entry["task"] for entry in app.conf.beat_schedule.values()}
# Celery would close the connection to the database around each task (docs/adr/0007); `check_connection` closes it now.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize // 2 if settings.DATABASES["default"]["CONN_MAX_AGE"] else None
app.autodiscover_tasks(["subscriptions", "notifications", "payments", "citizens", "secretary.ops"])


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**_: Any) -> None:
    """Refuse to start a worker or scheduler with a wrong clock, or in production with a missing or unsafe value.

    Celery continues after an error of such a receiver, and does not log it; it does not catch SystemExit.
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
    """Load connectors, adapters, providers, tariffs and the Korean calendar before the processes are forked, so that
    they share the memory. Otherwise each process would load them at its first task, which takes 0.2 s."""
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
    if "pycparser" not in sys.modules:  # the processes of ./run were forked with it
        with suppress(OSError):  # not Linux
            get_pdeathsig()  # each process sets its title, and billiard loads a parser of C for it: 5 MB and 0.1 s


@worker_process_init.connect
def leave_out_what_stays(**_: Any) -> None:
    """Freeze the objects that a worker process begins with (Django, Celery, the applications: 170,000). The
    garbage collector then skips them, which saves a tenth of a deliverer's time, and their pages stay shared. Objects
    of a batch are freed by their reference counts: looking for cycles every 700 objects finds none."""
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


@task_prerun.connect
def check_connection(*, task: Any, **_: Any) -> None:
    """Close the connection of an earlier task if it is older than CONN_MAX_AGE or does not work."""
    if task.request.is_eager:
        return  # it belongs to the caller
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
        if connection.in_atomic_block:  # a time limit ended the earlier task while Django was ending its transaction
            connection.close()
            del connections[connection.alias]


@task_postrun.connect
def clear_up(**_: Any) -> None:
    """Free the reference cycles that a task has left (rows point at their parents and children) before the next task
    needs memory. A batch of notices leaves almost none, so it causes no collection."""
    if gc.get_count()[0] > LEFT_OBJECTS:
        gc.collect()


_last: dict[str, float] = {}  # "work": when this process last ended a task that the schedule had not started


@task_postrun.connect
def let_connections_go(*, task: Any, **_: Any) -> None:
    """Close the connection after a scheduled task, if the process had no other work for so long that the next task
    would close it anyway: an idle session holds 7 MB of the database's memory (docs/adr/0007)."""
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
