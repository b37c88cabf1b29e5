"""Create the feeds of the demonstration: one of each kind, from the agencies of the sandbox."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from notifications.models import AgencyKey, Feed
from subscriptions.models import Agency

PULL = {"rows": 1000, "format_param": "_type", "changed_param": "changedAfter", "changed_field": "changeNo"}


def sample_feeds(base_url: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return feed name → agency, kind, settings of the connector."""
    return {
        "knpa-push": ("knpa", "push", {}),
        "koroad-pull": ("koroad", "http_pull", {**PULL, "url": f"{base_url}/koroad/records", "format": "json"}),
        "kosaf-pull": ("kosaf", "http_pull", {**PULL, "url": f"{base_url}/kosaf/records", "format": "xml"}),
        "nhis-file": ("nhis", "file_drop", {"folder": "nhis-file", "encoding": "cp949"}),
        "kdca-file": ("kdca", "file_drop", {"folder": "kdca-file", "encoding": "utf-8"}),
    }


@transaction.atomic
def seed_feeds(*, config: Mapping[str, str]) -> int:
    """Create the missing sample feeds and point all of them at the current sandbox; return how many were created."""
    made = 0
    for name, (agency, kind, settings) in sample_feeds(config.get("DATA_GO_KR_BASE_URL", "")).items():
        feed, created = Feed.objects.update_or_create(
            name=name,
            defaults={"settings": settings},
            create_defaults={
                "settings": settings,
                "kind": kind,
                "agency": Agency.objects.get(code=agency),
                "every_minutes": 1,
            },
        )
        made += created
        if kind == Feed.PUSH and config.get("AGENCY_PUSH_KEY_ID"):
            _seed_key(feed, config["AGENCY_PUSH_KEY_ID"], config["AGENCY_PUSH_SECRET"])
    return made


def _seed_key(feed: Feed, key_id: str, secret: str) -> None:
    if not AgencyKey.objects.filter(key_id=key_id).exists():
        key = AgencyKey(feed=feed, key_id=key_id)
        key.secret = secret
        key.save()
