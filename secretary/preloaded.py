"""Load the application once, and fork its processes from that: `python -m secretary.preloaded`, started by ./run.

Web, receiver, workers and the scheduler load the same 80 MB of modules; forked from one process they share them
(docs/adr/0059). Standard input is a socket. A message on it is a name and a command line, with the descriptor that its
output goes to; the answer is the number of its process, and later how that has ended.
"""

import ctypes
import gc
import importlib
import json
import os
import re
import runpy
import selectors
import signal
import socket
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import django
from celery import Celery

KINDS = {"gunicorn": "web", "secretary.receiver": "receiver", "celery": "worker"}  # by the module that is run
# What those import by themselves, some of it only when they first need it.
ALSO = (
    "aiohttp.web",
    "billiard.heap",
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "billiard.synchronize",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.app.routes",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.contrib.django.task",
    "celery.events.receiver",
    "celery.worker.autoscale",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "dbm.dumb",
    "gunicorn.app.wsgiapp",
    "gunicorn.arbiter",
    "gunicorn.glogging",
    "kombu.transport.redis",
    "notifications.receipts.receive",
    "payments.checkout.receive_callback",
    "secretary.kernel.http.whole_body",
    "secretary.kernel.request_ids",
    "secretary.lean_http",
    "secretary.listeners",
    "secretary.second_process",
    "secretary.web_worker",
)
LONGEST = 65_536  # bytes of a message
SET_PDEATHSIG = 1  # of prctl(2): which signal a process gets when its parent ends


def load() -> None:
    """Import everything, and leave nothing that a process would have to copy when it clears up."""
    gc.disable()  # until then: its pages are not looked through, and no holes are left in them
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secretary.settings")
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # as in secretary/celery.py
    django.setup()
    from django.conf import settings  # these need the environment
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import get_resolver
    from django.utils import translation

    from secretary.celery import app, load_before_forking
    from secretary.checks import refuse_wrong_clock

    for name in ALSO:
        importlib.import_module(name)
    app.loader.import_default_modules()
    app.finalize()
    load_before_forking()
    refuse_wrong_clock()  # over a connection, which loads OpenSSL, and which is closed again
    WSGIHandler()
    _ = get_resolver().url_patterns
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Language")
    _use_once(app)
    settings.LOGGING_CONFIG = None  # Celery sets Django up again; each logger there is would be copied for it
    gc.collect()
    gc.freeze()


def _use_once(app: Celery) -> None:
    """Use what every process uses first. What that keeps (which types are mappings, regular expressions, plug-ins that
    were looked for, code as the interpreter has specialised it) is written once, and not by each into copies."""
    from celery.bin.worker import worker  # these need the environment
    from django.apps import apps
    from django.db import DatabaseError, InterfaceError, connections, transaction
    from kombu.exceptions import OperationalError

    from notifications.models import Delivery

    for model in apps.get_models(include_auto_created=True):
        _ = model._meta.fields_map, model._meta.related_objects, model._meta.concrete_fields
    _ = app.backend, app.amqp.send_task_message
    with suppress(OperationalError), app.connection_for_write() as broker:
        _ = broker.ensure_connection(max_retries=1).default_channel
    worker.make_context("worker", [], resilient_parsing=True)
    with suppress(DatabaseError, InterfaceError), transaction.atomic():  # where it is away, each finds out
        Delivery.objects.filter(pk__in=[0], state="").exists()
    for connection in connections.all(initialized_only=True):
        connection.close()
        del connections[connection.alias]


def fork_on_demand(control: socket.socket) -> list[str]:
    """Fork a process for each command that comes. Return its command in each of these, and in this process nothing, as
    soon as the other side has closed the socket."""
    running: dict[int, int] = {}  # descriptor of a process → its number
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd in running:
                    selector.unregister(key.fd)
                    _report_end(control, key.fd, running.pop(key.fd))
                    continue
                message, descriptors, _, _ = socket.recv_fds(control, LONGEST, 1)
                if not message:
                    return []
                pid = os.fork()
                if not pid:
                    name, *command = map(str, json.loads(message))
                    _stand_alone(name, descriptors[0], [*running, control.detach()])
                    return command
                os.close(descriptors[0])
                running[process := os.pidfd_open(pid)] = pid
                selector.register(process, selectors.EVENT_READ)
                control.send(json.dumps({"pid": pid}).encode())


def _report_end(control: socket.socket, process: int, pid: int) -> None:
    os.close(process)
    _, status = os.waitpid(pid, 0)
    control.send(json.dumps({"pid": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


def _stand_alone(name: str, output: int, to_close: Sequence[int]) -> None:
    """Become a session of its own that writes to `output`, reads nothing, and stops when its parent ends."""
    Path("/proc/self/comm").write_text(name)  # as `top` shows it
    os.setsid()
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGTERM)
    for descriptor in to_close:
        os.close(descriptor)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def become(command: Sequence[str]) -> None:
    """Run `PYTHON [-W ACTION:MESSAGE] -m MODULE ARGUMENT …` in this process, to its end."""
    from django.conf import settings  # needs the environment

    from secretary import env
    from secretary.setting_groups import databases

    start = command.index("-m")
    for option in command[1:start]:
        if option != "-W":
            action, _, message = option.partition(":")
            warnings.filterwarnings(action, message=re.escape(message))  # type: ignore[arg-type]
    module, *arguments = command[start + 1 :]
    env.process = KINDS[module]
    settings.DATABASES["default"].update(databases.application())  # with the time-outs of such a process
    sys.argv = [module, *arguments]
    gc.enable()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    with socket.socket(fileno=os.dup(0)) as control:  # 0 becomes free for what a process reads: nothing
        load()
        command = fork_on_demand(control)
    if command:
        become(command)


if __name__ == "__main__":
    main()
