"""Find addresses of the Internet protocol."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d|-(?!\d{1,3}\.\d{1,3}\.\d{1,3}\.))")
_V6 = re.compile(r"[23][0-9a-fA-F]{3}:[0-9a-fA-F:]{2,34}(?![\w:])")
# All eight groups are an address also where nobody has been given it yet.
_WHOLE_V6 = re.compile(r"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}(?![\w:])")
_LONG_GROUP = re.compile("[0-9a-fA-F]{3}")
_GOES_BEFORE = re.compile(r"[\w:.-]")
_LABEL_BEFORE = re.compile(r"[A-Za-z]{2}[:-]\Z")
_VERSION_BEFORE = re.compile(
    r"(?:\b(?:v|ver|version|release|build|firmware|update|section|chapter)|§)[.:]? ?\Z",
    re.IGNORECASE,
)
_ADDRESS_BEFORE = re.compile(r"\b(?:ip|ipv4|address|server|host|ping|client|dns)\b", re.IGNORECASE)
_REACH = 30

# What every home or machine has, and what names no machine at all (RFC 1918, 1122, 3927, 5771; net masks).
_NOBODYS = (
    *map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    *map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
)
_NOBODYS_V6 = tuple(map(IPv6Network, ("::/127", "fc00::/7", "fe80::/10", "ff00::/8")))
_RANGE_BEFORE = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}-\Z")


def ip_addresses(text: str) -> Iterator[PiiMatch]:
    """Yield public IPv4 and IPv6 addresses; private, local and multicast ones point at nobody and stay."""
    if text.count(".") > 2:
        for match in _V4.finditer(text):
            if not _continues_v4(match) and _is_v4(match[0]) and not _is_version(match):
                yield PiiMatch("ip", match.start(), match.end())
    if text.count(":") > 1:
        for pattern in (_V6, _WHOLE_V6):
            for match in pattern.finditer(text):
                if _LONG_GROUP.search(match[0]) and not _continues(match) and _is_v6(match[0]):
                    yield PiiMatch("ip", match.start(), match.end())


def _continues(match: re.Match[str]) -> bool:
    """Tell whether what stands before belongs to it; a look-behind would cost ten times as much."""
    return match.start() > 0 and _GOES_BEFORE.match(match.string, match.start() - 1) is not None


def _continues_v4(match: re.Match[str]) -> bool:
    """Tell the same of four numbers, which may follow a label ("IP:203.0.113.9") or be the end of a range."""
    if not _continues(match):
        return False
    text, start = match.string, match.start()
    return not (
        _LABEL_BEFORE.search(text, max(0, start - 3), start)
        or _RANGE_BEFORE.search(text, max(0, start - 16), start)
    )


def _is_v4(digits: str) -> bool:
    try:
        address = IPv4Address(digits)
    except AddressValueError:
        return False
    return not any(address in network for network in _NOBODYS)


def _is_v6(digits: str) -> bool:
    """Tell whether it is an address of one machine (RFC 4291, section 2.4) that may be somebody's."""
    try:
        address = IPv6Address(digits)
    except AddressValueError:
        return False
    return not any(address in network for network in _NOBODYS_V6)


def _is_version(match: re.Match[str]) -> bool:
    """Tell numbers of versions and chapters; four single digits are one of these unless the words say otherwise."""
    before = max(0, match.start() - _REACH), match.start()
    if _VERSION_BEFORE.search(match.string, *before):
        return True
    return len(match[0]) == len("1.2.3.4") and not _ADDRESS_BEFORE.search(match.string, *before)
