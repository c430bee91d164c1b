"""How browsers may name the desk."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from seamline.core.errors import BadOption
from seamline.desk.settings import DeskSettings

_PORTS = {"http": 80, "https": 443}
"""Browsers leave these out."""


def own_origins(settings: DeskSettings) -> frozenset[str]:
    """As headers have them. Raises BadOption where the desk is reached from outside and nobody has said how."""
    host, _, port = settings.listen.rpartition(":")
    here = {_origin("http", name, int(port)) for name in (host.strip("[]").lower(), "127.0.0.1", "localhost", "::1")}
    if settings.origin is not None:
        return frozenset({_given(settings.origin)} | (here if is_loopback(host) else set()))
    if not is_loopback(host):
        raise BadOption("say how browsers reach the desk with --origin, such as https://desk.example.com")
    return frozenset(here)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    bare = host.strip("[]")
    try:
        return bare == "localhost" or ip_address(bare).is_loopback
    except ValueError:
        return False


def _given(text: str) -> str:
    refused = BadOption(f"--origin {text!r} is not an origin such as https://desk.example.com")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refused from None
    plain = text.isascii() and "@" not in parts.netloc and not parts.query and not parts.fragment
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or not plain:
        raise refused
    return _origin(parts.scheme, parts.hostname, port)


def _origin(scheme: str, host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port in (None, _PORTS[scheme]) else f"{scheme}://{name}:{port}"
