"""Run the product's own web application with the counters around it."""

from benchmarks.rig.counting import install
from secretary.wsgi import application

__all__ = ["application"]

install()
