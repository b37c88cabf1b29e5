"""Bind keys to hosts: a key is given out only for addresses on its hosts.

An administrator enters the address of a feed; a setting lists the hosts that a key may be sent to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from notifications.sources.config import BadSetting
from secretary.kernel.http.outbound import OutboundRefused, check_url

_PORTS = {"http": 80, "https": 443}


class ForeignHost(BadSetting):
    """The address is on a host that is not one of the key's."""

    def __init__(self, host: str, hosts: Iterable[str]) -> None:
        self.host, self.hosts = host, sorted(hosts)
        super().__init__(f"the service key belongs to {', '.join(self.hosts)}, and not to {host}")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A key and its hosts. `hosts`: names, with a port (`host:port`) where it is not the scheme's default."""

    secret: str = field(repr=False)
    hosts: frozenset[str]

    def for_url(self, url: str) -> str:
        """Return the key, for a request to this address. Raises ForeignHost; BadSetting where it is no web address."""
        host = host_of(url)
        if host not in self.hosts:
            raise ForeignHost(host, self.hosts)
        return self.secret


def host_of(url: str) -> str:
    """Return host and, unless it is the default, port of an http(s) address, in lower case. Raises BadSetting."""
    try:
        host = check_url(url).lower()
    except OutboundRefused as refused:
        raise BadSetting(f"url: {refused.detail}") from None
    parts = urlsplit(url)
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS[parts.scheme]) else f"{host}:{parts.port}"
