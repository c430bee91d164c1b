"""Addresses that only this machine reaches, and which no proxy of the environment could reach for it."""

from __future__ import annotations

import ipaddress
import urllib.parse


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches host:port."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Likewise, of a URL."""
    return is_loopback(urllib.parse.urlsplit(url).netloc.rpartition("@")[2])
