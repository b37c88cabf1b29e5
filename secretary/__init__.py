"""The project: settings, wiring, and the kernel that every app may import."""

from secretary.celery import app as celery_app

__all__ = ["celery_app"]
