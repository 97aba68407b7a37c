"""Judges which addresses may be asked (pure)."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from bot.ports.errors import RefusalScope, Refused

_SCHEMES = ("http", "https")

_HOST = re.compile(rb"[a-z0-9._:-]+", re.IGNORECASE)

_NAT64 = ip_network("64:ff9b::/96")
"""RFC 6052: an IPv4 address for hosts that have IPv6 alone."""

_SPECIAL = tuple(
    map(
        ip_network,
        (
            # Teredo, 6to4 and local NAT64: they end at an IPv4 address that nobody judged.
            "2001::/32", "2002::/16", "192.88.99.0/24", "64:ff9b:1::/48",
            # IANA's special-purpose registries have these; older Pythons take them for public.
            "192.0.0.0/24", "3fff::/20", "5f00::/16",
        ),
    )
)  # fmt: skip

_METADATA = frozenset({ip_address("168.63.129.16")})
"""Public by number, yet a host's own: Azure's platform; those of others are private by number."""


def parse_url(url: str) -> httpx.URL:
    """Return an address that may be asked as far as its form goes; raises Refused."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused(f"it is no address: {error}.", RefusalScope.PART) from None
    if found.scheme not in _SCHEMES or not _HOST.fullmatch(found.raw_host):
        raise Refused("it is no address that begins with http:// or https://.", RefusalScope.PART)
    if found.userinfo:
        raise Refused("an address with a name or password in it is not asked.", RefusalScope.PART)
    return found


def resolve_redirect(
    origin: httpx.URL, location: str, allowed_hosts: Collection[str]
) -> httpx.URL:
    """Return where an answer leads; raises Refused where it may not lead there."""
    try:
        found = parse_url(str(origin.join(location)))
    except httpx.InvalidURL:
        raise Refused("it leads to what is no address.", RefusalScope.PART) from None
    if found.host != origin.host and found.host not in allowed_hosts:
        raise Refused(
            f"it leads to another host, {found.host}; name that one, or list it in the setting "
            "web.redirect_hosts.",
            RefusalScope.PART,
        )
    if origin.scheme == "https" and found.scheme != "https":
        raise Refused("it leads from https to http, which is not followed.", RefusalScope.PART)
    return found


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet at large."""
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
