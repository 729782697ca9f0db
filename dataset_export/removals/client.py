"""A client for addresses that strangers name: it speaks to public addresses only, and never for long."""

import ipaddress
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

CONNECT_SECONDS = 5
# For all of it: who sends a byte a second is hung up on, too.
SECONDS = 10
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
# Addresses of IPv6 with one of IPv4 inside (RFC 3056, RFC 4380): what that is, the network decides.
TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class NotSent(Exception):
    """Nobody took the message; the message says why, without what the other side said."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body to an address that somebody typed, and return the status of the answer; no redirect is followed.

    Raises:
        NotSent: the address is not public, or nobody answers there in time.
    """
    try:
        connection, target = connection_to(url)
    except ValueError as error:
        raise NotSent("This is no address for a webhook.") from error
    try:
        return exchange(connection, target, body, headers)
    except ssl.SSLError as error:
        raise NotSent("The certificate of the other side does not hold.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotSent("Nobody answered in time, or not as HTTP does.") from error
    finally:
        connection.close()


def exchange(connection: HTTPConnection, target: str, body: bytes, headers: dict[str, str]) -> int:
    """Send, read the status, and hang up: of the rest of the answer nothing is read."""
    connection.connect()
    hang_up = Timer(SECONDS, connection.sock.shutdown, [socket.SHUT_RDWR])
    hang_up.start()
    try:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status
    finally:
        hang_up.cancel()


def connection_to(url: str) -> tuple[HTTPConnection, str]:
    """Return a connection to the checked address of a URL, and what to ask for there.

    The name is looked up once: what was checked is what is spoken to.
    """
    parts = urlsplit(url)
    if parts.hostname is None or parts.username is not None or parts.scheme not in ("https", "http"):
        raise ValueError(url)
    is_plain = parts.scheme == "http"
    port = parts.port or (80 if is_plain else 443)
    addresses = addresses_of(parts.hostname, port)
    require_allowed(addresses, is_plain)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kind = PlainConnection if is_plain else SafeConnection
    return kind(parts.hostname, port, addresses[0]), target


def require_allowed(addresses: list[str], is_plain: bool) -> None:
    """Refuse a host with any address that is not public; plain HTTP goes to this machine, where settings let it."""
    to_itself = settings.WEBHOOKS_TO_LOOPBACK and all(ipaddress.ip_address(each).is_loopback for each in addresses)
    if not addresses or (not to_itself and (is_plain or not all(map(is_public, addresses)))):
        raise NotSent("The host has no public address that takes HTTPS.")


def is_public(text: str) -> bool:
    """Say whether everybody reaches the same host under an address."""
    address = ipaddress.ip_address(text)
    if address.is_multicast or not address.is_global:
        return False
    if address.version == 4:
        return True
    return address in PUBLIC_IPV6 and not any(address in tunnel for tunnel in TUNNELS)


def addresses_of(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("The host has no address.") from error
    return [str(entry[4][0]) for entry in found]


class PlainConnection(HTTPConnection):
    """HTTP to an address that was looked up before."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class SafeConnection(HTTPSConnection):
    """HTTPS to an address that was looked up before; the certificate has to be the host's."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self.certificates = ssl.create_default_context()
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=self.certificates)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.certificates.wrap_socket(plain, server_hostname=self.host)
