"""Route the pages of the signed-in citizen, and the call list of offices. Each room keeps its own addresses."""

from django.urls import URLPattern, URLResolver, include, path

from citizens.privacy_policy import pages as privacy_policy
from citizens.privacy_policy import uses
from citizens.verify import pages as verify

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("citizens.calendar.urls")),
    path("", include("citizens.inbox.urls")),
    path("", include("citizens.own_data.urls")),
    path("", include("citizens.trial.urls")),
    path("officials/calls/", include("citizens.office_calls.urls")),
    path("my-data/uses/", uses.uses, name="uses_of_data"),
    path("privacy/", privacy_policy.policy, name="privacy_policy"),
    path("verify/", verify.verify, name="verify"),
]
