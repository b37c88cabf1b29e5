"""Hold the service key of data.go.kr, bound to the hosts that it may be sent to."""

from collections.abc import Mapping

from django.conf import settings

from notifications.sources.host_key import HostKey, host_of


def feed_secrets() -> Mapping[str, HostKey]:
    """Return the secrets of connectors by name: `service_key`. Raises BadSetting (DATA_GO_KR_BASE_URL)."""
    hosts = {host.lower() for host in settings.DATA_GO_KR_HOSTS}
    base_url = settings.ADAPTER_CONFIG.get("DATA_GO_KR_BASE_URL", "")
    if base_url:
        hosts.add(host_of(base_url))
    return {"service_key": HostKey(settings.ADAPTER_CONFIG.get("DATA_GO_KR_SERVICE_KEY", ""), frozenset(hosts))}
