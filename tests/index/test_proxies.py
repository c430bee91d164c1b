from __future__ import annotations

import pytest

from seamline.core.loopback import is_loopback, is_loopback_url
from seamline.index import Index


def test_this_machines_own_milvus_is_reached_past_a_proxy(lite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    index = Index(lite, timeout=5.0)
    index.collections()
    index.close()


def test_what_only_this_machine_reaches_is_loopback() -> None:
    for address in ("127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"):
        assert is_loopback(address)
        assert is_loopback_url(f"http://user:word@{address}")
    for address in ("10.0.0.1:1", "milvus:1", "localhost.example:1", "[2001:db8::1]:1", ""):
        assert not is_loopback(address)
        assert not is_loopback_url(f"https://{address}/base")
