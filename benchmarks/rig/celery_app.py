"""Run the product's own Celery application with the counters around it."""

from celery.signals import task_prerun

from benchmarks.rig.counting import install
from secretary.celery import app

__all__ = ["app"]

_tally = install()
task_prerun.connect(lambda **_: _tally.add(1), weak=False)
