"""Which network addresses a photo may be fetched from: public ones, so that a manifest cannot reach inside."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address is of the public Internet: not private, loopback, link-local, multicast or reserved.

    An IPv6 address that stands for an IPv4 address (mapped, 6to4, Teredo, NAT64) counts as that one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _ipv4_of(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _ipv4_of(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
