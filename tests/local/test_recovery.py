"""Processes killed under a running server; the supervisor brings each back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tritonclient import grpc as triton

from seamline.local import LocalOptions, LocalServer, down, status, up
from seamline.local.canary import connect, picture
from seamline.local.folder import StateFolder
from seamline.local.process import supervised_processes
from seamline.local.stubs import Stub, read_stub
from tests.local.calls import embed, milvus, nothing_left

pytestmark = pytest.mark.server

PROMISED = 30.0


def stubs_of(home: Path, model: str) -> list[Stub]:
    found = (read_stub(pid) for pid in supervised_processes(StateFolder.at(home).home, "triton"))
    return [stub for stub in found if stub is not None and stub.model == model]


def wait_for(condition: Callable[[], bool], patience: float = PROMISED) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < patience, "not recovered in time"
        time.sleep(0.05)
    return time.monotonic() - start


def service(home: Path, name: str) -> dict[str, Any]:
    return status(home)["services"][name]


def answers(address: str, ensemble: str = "embed") -> bool:
    """Whether it does; when it does not, the error says nothing of the server's inside."""
    with connect(address) as client:
        try:
            embed(client, picture(), ensemble, timeout=5.0)
        except triton.InferenceServerException as error:
            message = error.message()
        else:
            return True
    assert "Traceback" not in message
    assert ".py" not in message
    return False


@pytest.fixture
def address(running: LocalServer) -> str:
    return running.endpoints.grpc


@pytest.mark.parametrize("model", ["measure", "double", "aside"])
def test_a_killed_step_comes_back_without_a_restart(running: LocalServer, address: str, model: str) -> None:
    home = running.options.home
    before = status(home)
    instances = stubs_of(home, model)
    os.kill(instances[0].pid, signal.SIGKILL)
    wait_for(lambda: status(home)["reloads"] == before["reloads"] + 1)
    wait_for(lambda: len(stubs_of(home, model)) == len(instances))
    assert instances[0].pid not in {stub.pid for stub in stubs_of(home, model)}
    assert answers(address, "embed")
    assert answers(address, "search")
    assert service(home, "triton")["pid"] == before["services"]["triton"]["pid"]


def test_all_steps_killed_at_once_come_back(running: LocalServer, address: str) -> None:
    home = running.options.home
    for model in ("measure", "double", "finish", "aside"):
        for stub in stubs_of(home, model):
            os.kill(stub.pid, signal.SIGKILL)
    wait_for(lambda: not answers(address))
    wait_for(lambda: answers(address, "embed") and answers(address, "search"))
    wait_for(lambda: status(home)["state"] == "ready")


def test_a_killed_triton_comes_back_on_the_same_ports(running: LocalServer, address: str) -> None:
    home = running.options.home
    pid = service(home, "triton")["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not answers(address))
    wait_for(lambda: answers(address))
    wait_for(lambda: status(home)["state"] == "ready")
    told = service(home, "triton")
    assert told["pid"] != pid
    assert "signal 9" in told["last_error"]
    assert supervised_processes(StateFolder.at(home).home, "triton") != []
    assert status(home)["shared_memory_bytes"] > 0


def test_a_killed_milvus_comes_back_with_every_acknowledged_row_and_searchable(running: LocalServer) -> None:
    home = running.options.home
    client = milvus(running.endpoints.milvus)
    client.create_collection("kept", dimension=4)
    client.insert("kept", [{"id": i, "vector": [1.0, 0.0, 0.0, 0.0]} for i in range(500)])
    client.flush("kept")
    client.insert("kept", [{"id": i, "vector": [0.0, 1.0, 0.0, 0.0]} for i in range(500, 600)])
    client.close()
    pid = service(home, "milvus")["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: service(home, "milvus")["pid"] not in (None, pid) and status(home)["state"] == "ready")
    assert status(home)["collections"] == {"kept": 600}
    again = milvus(running.endpoints.milvus)
    assert len(again.search("kept", [[0.0, 1.0, 0.0, 0.0]], limit=10)[0]) == 10
    again.drop_collection("kept")
    again.close()


def test_a_step_that_hangs_is_replaced(running: LocalServer, address: str) -> None:
    home = running.options.home
    reloads = status(home)["reloads"]
    (hanging,) = stubs_of(home, "finish")
    os.kill(hanging.pid, signal.SIGSTOP)
    wait_for(lambda: status(home)["reloads"] == reloads + 1)
    assert answers(address)
    wait_for(lambda: hanging not in stubs_of(home, "finish"))
    assert status(home)["reloads"] == reloads + 1


def test_a_long_request_is_not_taken_for_a_hang(running: LocalServer, address: str) -> None:
    home = running.options.home
    pid = service(home, "triton")["pid"]
    with connect(address) as client:
        embed(client, b"wait 6", timeout=20.0)
    assert service(home, "triton")["pid"] == pid


@pytest.mark.slow
def test_a_busy_server_is_not_restarted(running: LocalServer, address: str) -> None:
    home = running.options.home
    before = status(home)
    with ThreadPoolExecutor(14) as pool, connect(address) as client:
        list(pool.map(lambda _: embed(client, b"wait 2", timeout=60.0), range(14)))
    after = status(home)
    assert after["services"]["triton"]["pid"] == before["services"]["triton"]["pid"]
    assert any("the canary failed" in event["what"] for event in after["events"])


@pytest.mark.slow
def test_a_step_that_never_ends_is_noticed_and_the_server_restarted(running: LocalServer, address: str) -> None:
    home = running.options.home
    pid = service(home, "triton")["pid"]
    with connect(address) as client, pytest.raises(triton.InferenceServerException, match="UNAVAILABLE"):
        embed(client, b"wait 100", timeout=60.0)
    wait_for(lambda: answers(address))
    wait_for(lambda: status(home)["state"] == "ready")
    assert service(home, "triton")["pid"] != pid


def test_a_killed_supervisor_leaves_nothing_and_up_works_again(small: LocalOptions) -> None:
    up(small)
    children = supervised_processes(StateFolder.at(small.home).home)
    os.kill(status(small.home)["pid"], signal.SIGKILL)
    wait_for(lambda: not supervised_processes(StateFolder.at(small.home).home), patience=15.0)
    assert len(children) > 2
    assert not status(small.home)["running"]
    up(small)
    assert down(small.home)
    assert nothing_left(small.home)


def test_a_server_stops_with_the_program_that_it_belongs_to(small: LocalOptions) -> None:
    program = (
        "import sys; from seamline.local import LocalOptions, LocalServer; "
        "LocalServer(LocalOptions.from_json(sys.argv[1])).__enter__(); import os; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, small.to_json()], check=True, timeout=60)
    wait_for(lambda: nothing_left(small.home), patience=20.0)


def test_a_crash_loop_is_reported_with_its_reason_and_ends_when_the_cause_does(small: LocalOptions) -> None:
    file = small.model_repository / "measure" / "1" / "model.py"
    source = file.read_text(encoding="utf-8")
    with LocalServer(small) as server:
        file.write_text(source.replace("import io", "import no_such_module, io"), encoding="utf-8")
        os.kill(service(small.home, "triton")["pid"], signal.SIGKILL)
        wait_for(lambda: service(small.home, "triton")["restarts"] >= 2)
        wait_for(lambda: "no_such_module" in service(small.home, "triton").get("last_error", ""))
        assert status(small.home)["state"] == "recovering"
        assert status(small.home)["models"] is None
        file.write_text(source, encoding="utf-8")
        address = server.endpoints.grpc
        wait_for(lambda: answers(address))
    assert nothing_left(small.home)
