"""Where a request comes from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from seamline.core.errors import BadOption

Address = IPv4Address | IPv6Address
_FORWARDED = "X-Forwarded-For"
_HOUSEHOLD = 64
"""Bits of an IPv6 address that one customer of a provider has for themselves."""


def address_of(connection: HTTPConnection) -> Address | None:
    """Of whoever is at the other end of the connection, None where that is no network."""
    return None if connection.client is None else _address(connection.client.host)


class Proxies:
    """The proxies before the desk, whose word counts."""

    def __init__(self, addresses: Iterable[str]) -> None:
        """Of addresses or networks (10.0.0.0/24). Raises BadOption."""
        self._networks = tuple(map(_network, addresses))

    def trusted(self, connection: HTTPConnection) -> bool:
        """Whether one of them sends this."""
        return self._has(address_of(connection))

    def origin_of(self, connection: HTTPConnection) -> str:
        """Of the browser, as the last proxy names it; one key for all addresses that one customer has."""
        found = address_of(connection)
        named = ",".join(connection.headers.getlist(_FORWARDED)).split(",")
        while named and self._has(found):
            before = _address(named.pop().strip())
            if before is None:
                break
            found = before
        return _key(found)

    def _has(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise BadOption(
            f"--proxy {text!r} is not an address such as 10.0.0.2, or a network such as 10.0.0.0/24"
        ) from None


def _key(address: Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _HOUSEHOLD), strict=False))
    return str(address)
