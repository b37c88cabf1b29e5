"""A Celery application that prints with which limits its process reaches the database."""

from django.conf import settings

from secretary.celery import app

print("limits:", settings.DATABASES["default"]["OPTIONS"]["options"])
__all__ = ["app"]
