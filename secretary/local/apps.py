from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Everything that one machine needs to run the whole service: servers and the supervisor behind ./run."""

    name = "secretary.local"
    label = "local"
