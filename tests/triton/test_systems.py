"""What the real server says of systems, which the stand-in of the client's tests repeats."""

from __future__ import annotations

import pytest

from seamline.client import Client
from seamline.core.errors import NotFound
from seamline.local import LocalServer
from seamline.systems import DEFAULT

pytestmark = pytest.mark.server


def test_a_system_that_is_not_installed_is_not_served_and_says_so(server: LocalServer) -> None:
    assert server.endpoints is not None
    with Client(server.endpoints.grpc, system="psnet") as client:
        assert client.systems() == (DEFAULT,)
        with pytest.raises(NotFound, match="does not serve the system 'psnet'"):
            client.versions()
