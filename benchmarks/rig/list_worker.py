"""Run one step of a list in a process of its own, as a worker would, and say what it took. Nothing of Django is
imported before the process has begun."""

import resource
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

Figures = dict[str, float]


def run_step(step: str, upload_id: int) -> Figures:
    """`step`: check or write, until nothing is left to do. Seconds, CPU and the peak of the process's memory."""
    ours, theirs = get_context("spawn").Pipe()
    worker = get_context("spawn").Process(target=_work, args=(step, upload_id, theirs))
    worker.start()
    theirs.close()
    figures: Figures = ours.recv()
    worker.join(60)
    return figures


def _work(step: str, upload_id: int, answers: Connection) -> None:
    import django

    django.setup()
    from secretary.kernel.time import clock
    from subscriptions.models import BulkUpload
    from subscriptions.registration.bulk.check_list import check_list
    from subscriptions.registration.bulk.write_list import write_list

    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    if step == "check":
        check_list(upload_id=upload_id, now=clock.now())
    else:
        while BulkUpload.objects.filter(pk=upload_id, state="writing").exists():
            write_list(upload_id=upload_id, now=clock.now())
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answers.send({"seconds": round(seconds, 2), "cpu": round(cpu, 2), "peak_mb": _peak()})


def _peak() -> int:
    """Return the most memory that this process has had, in megabytes; getrusage begins with that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
