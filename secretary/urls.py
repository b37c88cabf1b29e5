"""List every address of the installation. Each app keeps its own pages in its own file."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

admin.autodiscover()  # nothing more to do in a process that has loaded its pages before
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("subscriptions.web.urls")),
    path("officials/reach/", include("notifications.reach.office_urls")),
    path("officials/", include("subscriptions.web.officials.urls")),
    path("", include("secretary.ops.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("notifications.urls")),
    path("", include("payments.urls")),
    path("", include("citizens.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "secretary.ops.views.server_error"
