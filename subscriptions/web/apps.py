from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "subscriptions.web"
    label = "web"
    verbose_name = "Citizens' and officials' pages"
