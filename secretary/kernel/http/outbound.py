"""Send requests to addresses that people typed in: nothing inside our own network can be reached through them.

The host is resolved here, every address it has is checked, and the connection goes to a checked address, so
that no second look-up can answer differently (DNS rebinding). TLS still checks the certificate against the
host's name. Redirects are refused, proxies and .netrc of the environment are ignored.
Source of the ranges: IANA special-purpose address registries, through `ipaddress`.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import connection as urllib3_socket

__all__ = ["OutboundRefused", "check_address", "check_url", "resolve", "session"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
# Metadata services at addresses that no range below gives away: Azure, Alibaba, AWS on IPv6.
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Registered as special by IANA, or withdrawn and still routed in old networks, and global by `ipaddress`.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; .8 to .10 are global, and no web server's
            "192.88.99.0/24",  # relays of 6to4, withdrawn (RFC 7526)
            "fec0::/10",  # site-local, withdrawn (RFC 3879)
            "64:ff9b:1::/48",  # translation inside one network (RFC 8215)
            "5f00::/16",  # segment routing (RFC 9602)
            "3fff::/20",  # documentation (RFC 9637)
            "100:0:0:1::/64",  # dummy prefix (RFC 9780)
            "::/96",  # an IPv4 address inside, withdrawn (RFC 4291 §2.5.5.1)
        ),
    )
)


class OutboundRefused(Exception):
    """We do not call this address. Codes: bad_scheme, bad_url, forbidden_address, redirect.

    No subclass of OSError or RequestException: what retries after a network error must not retry this.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def check_url(url: str) -> str:
    """Return the host of an http(s) URL without a user name. Raises OutboundRefused. Resolves no name."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise OutboundRefused("bad_url", "it cannot be read") from None
    if parts.scheme not in ("http", "https"):
        raise OutboundRefused("bad_scheme", "only http and https")
    if not host or parts.username is not None or parts.password is not None:
        raise OutboundRefused("bad_url", "it needs a host and may not hold a user name")
    return host


def check_address(text: str, *, allow_private: bool = False) -> Address:
    """Return an IP address that we may connect to; with `allow_private` in loopback and private networks too.

    Raises OutboundRefused.
    """
    address = _inner(ipaddress.ip_address(text.partition("%")[0]))
    private_is_fine = allow_private and (address.is_private or address.is_loopback)
    never = (
        address in _METADATA
        or (any(address in network for network in _SPECIAL) and not address.is_loopback)
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (address.is_reserved and not address.is_loopback)
    )
    if never or not (address.is_global or private_is_fine):
        raise OutboundRefused("forbidden_address", "the host is not on the public internet")
    return address


def resolve(host: str, port: int, *, allow_private: bool = False) -> list[str]:
    """Return all addresses of `host`, each of them checked: one forbidden address refuses the host.

    Raises OutboundRefused, OSError (socket.gaierror).
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OutboundRefused("bad_url", "the host's name cannot be written in DNS") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        check_address(address, allow_private=allow_private)
    return addresses


def session(*, allow_private: bool = False, verify: bool | str = True) -> requests.Session:
    """Return a `requests` session that only goes out. Calls raise OutboundRefused besides what `requests` raises.

    `verify`: as in `requests`; a PEM file for a private authority. Where a call sets no time-out it has 3 s
    to connect and 10 s between bytes.
    """
    made = requests.Session()
    made.trust_env = False
    made.verify = verify
    made.adapters.clear()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _GuardedAdapter(allow_private))
    return made


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries inside it: a router or the kernel would use that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if carried is None and address in _NAT64:
        carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return carried or address


def _connect(connection: HTTPConnection, allow_private: bool) -> socket.socket:
    """As urllib3's own `_new_conn`, but to the addresses that were checked."""
    try:
        addresses = resolve(connection.host, connection.port, allow_private=allow_private)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    for address in addresses[:-1]:
        try:
            return _open(connection, address)
        except (ConnectTimeoutError, NewConnectionError):
            continue
    return _open(connection, addresses[-1])


def _open(connection: HTTPConnection, address: str) -> socket.socket:
    try:
        return urllib3_socket.create_connection(
            (address, connection.port),
            connection.timeout,
            source_address=connection.source_address,
            socket_options=connection.socket_options,
        )
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "connecting timed out") from error
    except OSError as error:
        raise NewConnectionError(connection, "connecting failed") from error


class _Connection(HTTPConnection):
    allow_private = False

    def _new_conn(self) -> socket.socket:
        return _connect(self, self.allow_private)


class _TlsConnection(HTTPSConnection):
    allow_private = False

    def _new_conn(self) -> socket.socket:
        return _connect(self, self.allow_private)


class _LocalConnection(_Connection):
    allow_private = True


class _LocalTlsConnection(_TlsConnection):
    allow_private = True


class _GuardedPools(PoolManager):
    def __init__(self, allow_private: bool, **options: Any) -> None:
        super().__init__(**options)
        self._allow_private = allow_private

    def _new_pool(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super()._new_pool(*args, **kwargs)
        if isinstance(pool, HTTPSConnectionPool):
            pool.ConnectionCls = _LocalTlsConnection if self._allow_private else _TlsConnection
        else:
            pool.ConnectionCls = _LocalConnection if self._allow_private else _Connection
        return pool


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = _GuardedPools(
            self._allow_private, num_pools=connections, maxsize=maxsize, block=block, **options
        )

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        check_url(request.url or "")
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["proxies"] = {}  # through a proxy the address checked would be the proxy's
        try:
            response = super().send(request, *args, **kwargs)
        except LocationParseError:
            raise OutboundRefused("bad_url", "the host's name cannot be written in DNS") from None
        if response.is_redirect or response.is_permanent_redirect:
            response.close()
            raise OutboundRefused("redirect", "the address sends us elsewhere")
        return response
