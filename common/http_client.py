"""SSRF-safe HTTP client for user-supplied URLs: public IPs only, with a total deadline."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from django.conf import settings

CONNECT_SECONDS = 5
# Deadline for the whole exchange in seconds, so slow-drip servers are cut off too.
TOTAL_TIMEOUT = 10
MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
# Ports of the web; others belong to other services.
WEB_PORTS = (80, 443)
TLS_PORTS = (443,)
_CHUNK = 65_536
_USER_AGENT = "Commonplace/1 (cards of links; +{site})"
# Characters kept in a path or query: reserved ones, and % of existing escapes.
SAFE_URL_CHARS = "%/?:@!$&'()*+,;=-._~"
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
# IPv6 ranges that embed an IPv4 address (RFC 3056, RFC 4380): the network decides where they lead.
IPV4_IN_IPV6_NETWORKS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class DeliveryError(Exception):
    """A message was not delivered. The text says why, without the response body."""


class FetchError(Exception):
    """A URL could not be fetched. The text says why."""


@dataclass(frozen=True, slots=True)
class FetchedResponse:
    """A response after redirects: `type` is its media type, `charset` its encoding or None."""

    url: str
    type: str
    charset: str | None
    body: bytes


def fetch(
    url: str, *, types: tuple[str, ...], limit: int, cut: bool = False, seconds: float | None = None
) -> FetchedResponse:
    """Fetch a user-supplied URL without cookies, following up to three redirects, each checked.

    Bodies over `limit` bytes are rejected, or truncated if `cut`. `seconds` bounds the whole
    exchange.

    Raises:
        FetchError: the address is not public, or there is no acceptable response in time.
    """
    deadline = time.monotonic() + (TOTAL_TIMEOUT if seconds is None else seconds)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            connection, target = open_connection(url, plain=True, ports=WEB_PORTS)
        except (ValueError, DeliveryError) as error:
            raise FetchError(str(error) or "This is no address.") from error
        try:
            with total_timeout(connection, deadline - time.monotonic()):
                answer = request_once(connection, target, types)
                if isinstance(answer, HTTPResponse):
                    body = read_body(answer, limit, cut)
        except (OSError, HTTPException, ValueError) as error:
            raise FetchError("No valid HTTP response in time.") from error
        finally:
            connection.close()
        if time.monotonic() > deadline:
            raise FetchError("No response in time.")
        if isinstance(answer, HTTPResponse):
            return FetchedResponse(
                url, answer.headers.get_content_type(), answer.headers.get_content_charset(), body
            )
        url = resolve_redirect(url, answer)
    raise FetchError("It redirects too often.")


def resolve_redirect(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchError("It redirects to an invalid URL.") from error


def request_once(
    connection: HTTPConnection, target: str, types: tuple[str, ...]
) -> str | HTTPResponse:
    """Return the response, or the URL it redirects to."""
    headers = {
        "Accept": ", ".join(types),
        "Accept-Encoding": "identity",
        "User-Agent": _USER_AGENT.format(site=settings.SITE_URL),
        "Connection": "close",
    }
    connection.request("GET", target, headers=headers)
    response = connection.getresponse()
    if response.status in REDIRECTS and (location := response.getheader("Location")):
        return location
    if response.status != 200:
        raise FetchError(f"The response status was {response.status}.")
    if response.headers.get_content_type() not in types:
        raise FetchError("The response has an unexpected content type.")
    return response


def read_body(response: HTTPResponse, limit: int, cut: bool) -> bytes:
    if (response.getheader("Content-Encoding") or "identity") != "identity":
        raise FetchError("The response is compressed, which was not requested.")
    body = bytearray()
    while chunk := response.read(min(_CHUNK, limit + 1 - len(body))):
        body += chunk
        if len(body) > limit:
            if cut:
                break
            raise FetchError("It is too large.")
    return bytes(body[:limit])


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to a user-supplied URL and return the status; redirects are not followed.

    Raises:
        DeliveryError: the address is not public, or does not respond in time.
    """
    try:
        connection, target = open_connection(url, ports=TLS_PORTS)
    except ValueError as error:
        raise DeliveryError("This isn’t a valid webhook URL.") from error
    try:
        return send_request(connection, target, body, headers)
    except ssl.SSLError as error:
        raise DeliveryError("The TLS certificate is not valid.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise DeliveryError("No valid HTTP response in time.") from error
    finally:
        connection.close()


def send_request(
    connection: HTTPConnection, target: str, body: bytes, headers: dict[str, str]
) -> int:
    """Send a request, read the status and close; the body is not read."""
    with total_timeout(connection, TOTAL_TIMEOUT):
        connection.request("POST", target, body, headers)
        return connection.getresponse().status


@contextmanager
def total_timeout(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Connect, and close after so many seconds, whatever the other side does."""
    connection.connect()
    hang_up = Timer(max(seconds, 0), connection.sock.shutdown, [socket.SHUT_RDWR])
    hang_up.start()
    try:
        yield
    finally:
        hang_up.cancel()


def open_connection(
    url: str, *, plain: bool = False, ports: tuple[int, ...] = ()
) -> tuple[HTTPConnection, str]:
    """Return a connection to the checked IP of a URL, and the request target.

    The name is resolved once: the address that was checked is the one connected to. `plain` allows
    HTTP without TLS, `ports` limits the ports.
    """
    parts = urlsplit(url)
    if (
        parts.hostname is None
        or parts.username is not None
        or parts.scheme not in ("https", "http")
    ):
        raise ValueError("This is no address of the web.")
    is_plain = parts.scheme == "http"
    port = parts.port or (80 if is_plain else 443)
    addresses = resolve_host(parts.hostname, port)
    if not is_allowed_loopback(addresses):
        if not addresses or (is_plain and not plain) or not all(map(is_public_ip, addresses)):
            raise DeliveryError("The host has no public address that accepts HTTPS.")
        if ports and port not in ports:
            raise DeliveryError("The web is not at this port.")
    path, query = quote(parts.path, SAFE_URL_CHARS), quote(parts.query, SAFE_URL_CHARS)
    kind = PinnedHTTPConnection if is_plain else PinnedHTTPSConnection
    return kind(parts.hostname, port, addresses[0]), urlunsplit(("", "", path or "/", query, ""))


def require_public_target(url: str) -> None:
    """Reject a URL that would never be contacted, without resolving its name.

    Raises:
        DeliveryError: it names this machine, a private address, or a port other than 443.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError as error:
        raise DeliveryError("This isn’t a valid webhook URL.") from error
    addresses = (
        ["127.0.0.1"]
        if host == "localhost" or host.endswith(".localhost")
        else numeric_addresses_of(host)
    )
    if is_allowed_loopback(addresses):
        return
    if not all(map(is_public_ip, addresses)):
        raise DeliveryError("This host’s address is not public.")
    if port not in TLS_PORTS:
        raise DeliveryError("Remove the port: messages are sent to port 443 only.")


def numeric_addresses_of(host: str) -> list[str]:
    """Return the IP address that a host is written as, in any notation; nothing for a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def is_allowed_loopback(addresses: list[str]) -> bool:
    """Tell whether a host is this machine and settings allow requests to it."""
    here = [ipaddress.ip_address(address).is_loopback for address in addresses]
    return settings.ALLOW_LOOPBACK_REQUESTS and bool(here) and all(here)


def is_public_ip(text: str) -> bool:
    """Tell whether an address is globally routable."""
    address = ipaddress.ip_address(text)
    if address.is_multicast or not address.is_global:
        return False
    if address.version == 4:
        return True
    return address in PUBLIC_IPV6 and not any(address in tunnel for tunnel in IPV4_IN_IPV6_NETWORKS)


def resolve_host(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError("The host has no address.") from error
    return [str(entry[4][0]) for entry in found]


class PinnedHTTPConnection(HTTPConnection):
    """HTTP to an address resolved earlier."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class PinnedHTTPSConnection(HTTPSConnection):
    """HTTPS to an address resolved earlier; the certificate must match the host name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self.certificates = ssl.create_default_context()
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=self.certificates)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.certificates.wrap_socket(plain, server_hostname=self.host)
