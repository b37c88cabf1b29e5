"""Bind keys to hosts: a key for some hosts is handed out for addresses there and for no other.

An administrator types the address of a feed in; a setting lists the hosts that a key may be sent to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from notifications.sources.config import BadSetting
from secretary.kernel.http.outbound import OutboundRefused, check_url

_PORTS = {"http": 80, "https": 443}


class ForeignHost(BadSetting):
    """The address is on a host that the key does not belong to."""

    def __init__(self, host: str, hosts: Iterable[str]) -> None:
        self.host, self.hosts = host, sorted(hosts)
        super().__init__(f"the service key belongs to {', '.join(self.hosts)}, and not to {host}")


@dataclass(frozen=True, slots=True)
class HostKey:
    """`hosts`: names, with a port (`host:port`) where it is not the scheme's own."""

    secret: str = field(repr=False)
    hosts: frozenset[str]

    def for_url(self, url: str) -> str:
        """Return the key, for a request to this address. Raises ForeignHost; BadSetting for what is no web address."""
        host = host_of(url)
        if host not in self.hosts:
            raise ForeignHost(host, self.hosts)
        return self.secret


def host_of(url: str) -> str:
    """Host and, unless it is the scheme's own, port of an http(s) address, in small letters. Raises BadSetting."""
    try:
        host = check_url(url).lower()
    except OutboundRefused as refused:
        raise BadSetting(f"url: {refused.detail}") from None
    parts = urlsplit(url)
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS[parts.scheme]) else f"{host}:{parts.port}"
