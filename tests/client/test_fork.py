"""Clients in forked processes: gunicorn --preload, multiprocessing's `fork`, Celery."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.scenes import Scene, SceneGarment
from tests.support.wire_server import WireServer

# Each child has 5 seconds; the alarm's signal ends one that hangs.
_CHILDREN = """
import os, signal, sys
from seamline.client import Client
from seamline.client.photos import CANARY

def answers(client):
    return len(client.embed(CANARY).garments) == 1

def fresh():
    with Client(timeout=4) as client:
        return answers(client)

def child(work):
    pid = os.fork()
    if pid == 0:
        signal.alarm(5)
        os._exit(0 if work() else 3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

codes = []
for _ in range(int(sys.argv[2])):
    client = Client(timeout=4)
    answers(client)
    if sys.argv[1] == "closed":
        client.close()
        codes.append(child(fresh))
    else:
        codes.append(child(lambda: answers(client)))
        codes.append(child(fresh))
        client.close()
print(codes)
"""


@pytest.mark.parametrize(("form", "times", "children"), [("closed", 60, 60), ("open", 5, 10)])
def test_a_child_that_is_forked_after_a_client_was_used_is_answered(form: str, times: int, children: int) -> None:
    with WireServer(Scene((SceneGarment(),))) as server:
        ended = subprocess.run(
            [sys.executable, "-c", _CHILDREN, form, str(times)],
            env=os.environ | {"SEAMLINE_URL": server.address},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert ended.stdout.strip() == str([0] * children), ended.stderr[-2000:]
