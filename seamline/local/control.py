"""Starting, stopping and watching the local server; `seamline up | status | logs | down` are these functions.

endpoints = up(LocalOptions())      # returns when an inference has been answered
status(home)["state"]               # "ready"
down(home)                          # leaves no process, no shared memory, no server.json
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import seamline
from seamline.local import ports, preflight
from seamline.local.errors import AlreadyRunning, CannotRunHere, NotRunning, StartFailed
from seamline.local.folder import ALREADY_RUNNING, StateFolder, is_locked
from seamline.local.launch import LINKS
from seamline.local.options import Endpoints, LocalOptions, default_home
from seamline.local.plain_paths import prepare
from seamline.local.plain_paths import remove as remove_plain
from seamline.local.process import (
    SERVICES,
    is_alive,
    kill_supervised,
    remove_shared_memory,
    shared_memory_files,
    supervised_environment,
    supervised_processes,
    tail,
)
from seamline.local.socket_file import SOCKET_FILE

_STOP_TIMEOUT = 25.0


def up(options: LocalOptions | None = None) -> Endpoints:
    """Start the server and return when the canary inference has been answered.

    Raises a subclass of LocalError: AlreadyRunning, PortTaken, CannotRunHere, MissingWeights,
    MissingRepository, ConfigMismatch, or StartFailed with the end of the log. Nothing runs afterwards then.
    Ctrl-C stops what has been started.
    """
    options = options or LocalOptions()
    folder = StateFolder.at(options.home)
    if is_locked(folder.lock):
        raise AlreadyRunning(_already(folder))
    preflight.check(options)
    _create(folder)
    _clean(folder)
    endpoints = ports.choose(options)
    pid = _launch(folder, options, endpoints)
    try:
        _wait_until_ready(folder, pid)
    except BaseException:
        down(folder.home)
        raise
    return endpoints


def down(home: Path | None = None) -> bool:
    """Stop the server of a state folder and remove every trace of it but logs, backends and the index.

    True when there was something to stop. Doing it again does no harm. Takes 3 to 10 s.
    """
    folder = StateFolder.at(home or default_home())
    if not folder.home.is_dir():
        return False
    was_running = is_locked(folder.lock)
    pid = folder.read_state().get("pid")
    if was_running and isinstance(pid, int):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        _wait_until(lambda: not is_locked(folder.lock), _STOP_TIMEOUT)
    cleaned = _clean(folder)
    folder.remove_state()
    return was_running or cleaned


def endpoints(home: Path | None = None) -> Endpoints:
    """Where the running server of a state folder answers; raises NotRunning when there is none."""
    folder = StateFolder.at(home or default_home())
    state = folder.read_state()
    if not is_locked(folder.lock) or "grpc" not in state:
        raise NotRunning(f"no server runs from {folder.home}; start one with `seamline up`")
    return Endpoints(state["grpc"], state["triton"], state["metrics"], state["milvus"])


def _create(folder: StateFolder) -> None:
    try:
        folder.create()
    except OSError as error:
        raise CannotRunHere(
            f"the state folder {folder.home} cannot be written ({error.strerror}); "
            "choose another one with SEAMLINE_HOME"
        ) from None
    prepare(folder, ())
    preflight.check_runs_programs(folder.home)


def _launch(folder: StateFolder, options: LocalOptions, chosen: Endpoints) -> int:
    command = [sys.executable, "-m", "seamline.local.supervisor", options.to_json(), json.dumps(asdict(chosen))]
    source = str(Path(seamline.__file__).resolve().parents[1])
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, **supervised_environment(folder.home, "supervisor"), "PYTHONPATH": path}
    started = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if started.returncode == ALREADY_RUNNING:
        raise AlreadyRunning(_already(folder))
    if started.returncode != 0:
        raise StartFailed("the supervisor could not be started", started.stderr[-4000:])
    return int(started.stdout)


def _wait_until_ready(folder: StateFolder, pid: int) -> None:
    while True:
        alive = is_alive(pid)
        state = folder.read_state()
        if state.get("pid") == pid and state.get("state") == "ready":
            return
        if not alive:
            raise _start_failure(folder, state if state.get("pid") == pid else {})
        time.sleep(0.1)


def _start_failure(folder: StateFolder, state: dict[str, object]) -> StartFailed:
    failure = str(state.get("failure") or "the supervisor ended without a word")
    name = failure.split(" ", 1)[0].lower()
    log = folder.log(name if name in SERVICES else "supervisor")
    return StartFailed(f"the server did not start: {failure} (log: {log})", tail(log))


def _clean(folder: StateFolder) -> bool:
    """Ends what a supervisor that was killed left behind; True when there was something."""
    found = bool(supervised_processes(folder.home)) or bool(shared_memory_files(folder.shared_memory_prefix))
    kill_supervised(folder.home)
    remove_shared_memory(folder.shared_memory_prefix)
    remove_plain(folder, (SOCKET_FILE, *LINKS))
    return found


def _already(folder: StateFolder) -> str:
    where = folder.read_state().get("grpc", "an address that it has not written yet")
    return f"a server already runs from {folder.home}, at {where}; stop it with `seamline down`"


def _wait_until(condition: Callable[[], bool], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
