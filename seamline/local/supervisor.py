"""The one detached process that owns Milvus Lite, Triton and the gateway, and keeps them alive.

`python -m seamline.local.supervisor OPTIONS ENDPOINTS` forks itself away and prints the pid of what stays.
Its state is in server.json, its orders are signals: SIGTERM stops everything.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from types import FrameType
from typing import Any

from seamline.local.folder import ALREADY_RUNNING, StateFolder, take_lock
from seamline.local.gateway import GatewayService
from seamline.local.launch import EXIT_TIMEOUT, LINKS, TritonLaunch
from seamline.local.milvus import MilvusService
from seamline.local.options import Endpoints, LocalOptions
from seamline.local.plain_paths import remove as remove_plain
from seamline.local.preflight import raise_open_files
from seamline.local.process import become_subreaper, is_alive, kill_supervised, reap_orphans, remove_shared_memory
from seamline.local.service import Service
from seamline.local.socket_file import SOCKET_FILE
from seamline.local.triton import TritonService

_TICK = 0.5
_TIDY_EVERY = 2.0
_EVENTS_KEPT = 30


class Supervisor:
    """Starts the services, looks after them, stops them."""

    def __init__(self, options: LocalOptions, endpoints: Endpoints) -> None:
        self._options = options
        self._endpoints = endpoints
        self._folder = StateFolder.at(options.home)
        self._events: list[dict[str, Any]] = []
        self._stop = threading.Event()
        self._started_at = time.time()
        self._written = 0.0
        self._was_ready = False
        self._failure = ""
        self._milvus = MilvusService(
            endpoints.milvus,
            self._folder.milvus,
            self._folder.home,
            self._folder.log("milvus"),
            options.start_timeout,
            self._report,
        )
        self._triton = TritonService(TritonLaunch(options, endpoints, self._folder), self._report)
        self._gateway = GatewayService(endpoints, self._folder, options.start_timeout, self._report)
        self._services: tuple[Service, ...] = (self._milvus, self._triton, self._gateway)

    def run(self) -> None:
        """Until SIGTERM, or until the first start fails."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        become_subreaper()
        try:
            for service in self._services:
                service.start()
            while not self._stop.is_set() and not self._failure:
                self._tick()
                self._stop.wait(_TICK)
        except Exception as error:
            self._failure = f"the supervisor failed: {type(error).__name__}: {error}"
            raise
        finally:
            self._shut_down()

    def _tick(self) -> None:
        before = self._state()
        for service in self._services:
            service.tick()
        if not self._was_ready:
            self._tick_first_start()
        if self._state() != before or time.monotonic() - self._written > _TIDY_EVERY:
            self._write()
            reap_orphans({service.pid for service in self._services if service.pid is not None})
        if self._options.owner_pid is not None and not is_alive(self._options.owner_pid):
            self._stop.set()

    def _tick_first_start(self) -> None:
        """A server that never worked is not worth starting again: the person at the terminal decides."""
        failed = [service for service in self._services if service.state == "waiting"]
        if failed:
            self._failure = failed[0].last_error
        elif self._state() == "ready":
            self._was_ready = True

    def _state(self) -> str:
        if self._failure:
            return "failed"
        if all(service.state == "ready" for service in self._services):
            return "ready"
        return "recovering" if self._was_ready else "starting"

    def _write(self) -> None:
        try:
            self._folder.write_state(self._summary())
        except OSError as error:
            # A full disk is no reason to stop serving.
            print(f"server.json could not be written: {error}", flush=True)
        self._written = time.monotonic()

    def _summary(self) -> dict[str, Any]:
        canary = self._triton.canary
        return {
            "state": self._state(),
            "pid": os.getpid(),
            "started_at": self._started_at,
            **asdict(self._endpoints),
            "home": str(self._folder.home),
            "model_repository": str(self._options.model_repository),
            "ensembles": str(self._options.ensembles),
            "canary": canary and {"outcome": canary.outcome.value, "milliseconds": round(canary.milliseconds, 1)},
            "services": {service.name: service.summary() for service in self._services},
            "reloads": self._triton.reloads,
            "events": self._events,
            "failure": self._failure,
        }

    def _report(self, service: str, sentence: str) -> None:
        self._events.append({"at": time.time(), "service": service, "what": sentence})
        del self._events[:-_EVENTS_KEPT]
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {service}: {sentence}", flush=True)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _shut_down(self) -> None:
        for service in self._services:
            service.request_stop()
        deadline = time.monotonic() + EXIT_TIMEOUT + 2.0
        while any(_running(service) for service in self._services) and time.monotonic() < deadline:
            time.sleep(0.05)
        for service in self._services:
            service.kill()
        kill_supervised(self._folder.home)
        remove_shared_memory(self._folder.shared_memory_prefix)
        remove_plain(self._folder, (SOCKET_FILE, *LINKS))
        if self._failure:
            self._write()
            self._folder.lock.unlink(missing_ok=True)
        else:
            self._folder.remove_state()


def _running(service: Service) -> bool:
    return service.process is not None and service.process.poll() is None


def _detach(folder: StateFolder) -> None:
    """Leaves the caller's terminal and session; only the new process returns."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        os._exit(0)
    os.setsid()
    os.chdir("/")
    log = os.open(folder.log("supervisor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def main(arguments: list[str]) -> int:
    """Exit code 0 once the detached process runs, ALREADY_RUNNING when another one does."""
    options = LocalOptions.from_json(arguments[0])
    endpoints = Endpoints(**json.loads(arguments[1]))
    folder = StateFolder.at(options.home)
    # The lock is taken before the fork, so that the caller learns at once when there is another server.
    if take_lock(folder.lock) is None:
        return ALREADY_RUNNING
    raise_open_files()
    _detach(folder)
    Supervisor(options, endpoints).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
