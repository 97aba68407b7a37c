"""Decides which URLs and IP addresses may be requested (pure)."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx2

from bot.ports.web import FetchRefused

_SCHEMES = ("http", "https")

_HOST = re.compile(rb"[a-z0-9._:-]+", re.IGNORECASE)

_NAT64 = ip_network("64:ff9b::/96")
"""RFC 6052: an IPv4 address for hosts that have IPv6 alone."""

_SPECIAL = tuple(
    map(
        ip_network,
        (
            # Teredo, 6to4 and local NAT64 end at an IPv4 address that is not checked.
            "2001::/32", "2002::/16", "192.88.99.0/24", "64:ff9b:1::/48",
            # In IANA's special-purpose registries, but public to older versions of Python.
            "192.0.0.0/24", "3fff::/20", "5f00::/16",
        ),
    )
)  # fmt: skip

_METADATA = frozenset({ip_address("168.63.129.16")})
"""Azure's platform address, which is in a public range; those of other clouds are private."""


def parse_url(url: str) -> httpx2.URL:
    """Parse a URL; raise FetchRefused unless it is http or https without credentials."""
    try:
        found = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise FetchRefused(f"it is no address: {error}.") from None
    # The client decodes an internationalised name; one that stays encoded is none.
    if "xn--" in found.host:
        raise FetchRefused(f"it is no address: {found.host} is no name that can be decoded.")
    if found.scheme not in _SCHEMES or not _HOST.fullmatch(found.raw_host):
        raise FetchRefused("it is no address that begins with http:// or https://.")
    if found.userinfo:
        raise FetchRefused("an address with a name or password in it is not asked.")
    return found


def resolve_redirect(
    origin: httpx2.URL, location: str, allowed_hosts: Collection[str]
) -> httpx2.URL:
    """Return the target of a redirect; raise FetchRefused if it may not be followed."""
    try:
        found = parse_url(str(origin.join(location)))
    except httpx2.InvalidURL:
        raise FetchRefused("it leads to what is no address.") from None
    if found.host != origin.host and found.host not in allowed_hosts:
        raise FetchRefused(
            f"it leads to another host, {found.host}; name that one, or list it in the setting "
            "web.redirect_hosts.",
        )
    if origin.scheme == "https" and found.scheme != "https":
        raise FetchRefused("it leads from https to http, which is not followed.")
    return found


def is_public(address: str) -> bool:
    """Return whether an IP address is globally routable."""
    return _is_public(ip_address(address.partition("%")[0]))


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return _is_public(found.ipv4_mapped)
        if found in _NAT64:
            return _is_public(IPv4Address(int(found) & 0xFFFFFFFF))
        if found.is_site_local:
            return False
    special = found.is_multicast or found.is_reserved or found in _METADATA
    return found.is_global and not special and not any(found in each for each in _SPECIAL)
