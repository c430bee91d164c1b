"""A real Milvus standalone server on this machine, for tests and benchmarks beyond what Milvus Lite holds.

It is the server of a deployment (Milvus 2.3.5, embedded etcd, local storage), so what works against it works against
a cluster by configuration alone.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]

from seamline.local.errors import PortTaken, StartFailed
from seamline.local.options import ADDRESS
from seamline.local.ports import free_ports, is_free
from seamline.local.process import process_table, read_from, size_of, spawn, tail
from tests.support.milvus_wheel import Wheel, default_environment

_COMPONENTS = (
    "rootCoord.port",
    "proxy.internalPort",
    "queryCoord.port",
    "queryNode.port",
    "indexCoord.port",
    "indexNode.port",
    "dataCoord.port",
    "dataNode.port",
)
_DEFAULTS = {
    "log.level": "warn",
    "etcd.log.level": "error",
    "common.session.ttl": "10",  # that of a killed server holds up the next one for as long as it lives
    "common.gracefulStopTimeout": "5",  # a half-hour by default, which it takes after some restarts
}

_SESSION = "function CompareAndSwap error for compare is false"
_SHOW_COLLECTIONS = "/milvus.proto.milvus.MilvusService/ShowCollections"
_ROOT = "root:Milvus"
_TIMEOUT = 2.0
_ETCD = """\
name: default
listen-client-urls: http://127.0.0.1:{client}
advertise-client-urls: http://127.0.0.1:{client}
listen-peer-urls: http://127.0.0.1:{peer}
initial-advertise-peer-urls: http://127.0.0.1:{peer}
initial-cluster: default=http://127.0.0.1:{peer}
"""


class MilvusStandalone:
    """A server over one data folder; starting it again over the same folder finds the data again.

    `port` 0 takes any free one. `settings` are Milvus's own by their dotted names, as "common.security.tlsMode".
    `environment`: where the wheel is installed, and will be when it is not; see `default_environment`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        environment: Path | None = None,
        start_timeout: float = 120.0,
        niceness: int = 0,
    ) -> None:
        """`start_timeout`: seconds. `niceness` is added to that of this process."""
        self.folder = folder.resolve()
        self.log = self.folder / "milvus.log"
        self._settings = {**_DEFAULTS, **(settings or {})}
        self._wheel = Wheel(environment or default_environment())
        self._start_timeout = start_timeout
        self._niceness = niceness
        self._asked = port
        self._ports: dict[str, int] = {}
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The server's address; https where it speaks TLS."""
        return f"{'https' if self._tls else 'http'}://{ADDRESS}:{self._ports['proxy.port']}"

    @property
    def pid(self) -> int | None:
        """The server's process, None while it does not run."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    @property
    def _tls(self) -> bool:
        return self._settings.get("common.security.tlsMode", "0") != "0"

    def __enter__(self) -> MilvusStandalone:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until a real call is answered. Raises CannotRunHere, PortTaken or StartFailed."""
        self._wheel.install()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._wheel.configure(self.folder)
        self._choose_ports()
        self._spawn()
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout: float = 10.0) -> None:
        """End the server, giving it `timeout` seconds to write what it holds."""
        if self.pid is not None and self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def memory(self) -> int:
        """Bytes that the server's processes hold in RAM, 0 while it does not run."""
        return 0 if self.pid is None else sum(_resident(pid) for pid in _tree(self.pid))

    def _choose_ports(self) -> None:
        if not self._ports:
            names = ("proxy.port", "metrics", "client", "peer", *_COMPONENTS)
            self._ports = dict(zip(names, free_ports(len(names)), strict=True))
            self._ports["proxy.port"] = self._asked or self._ports["proxy.port"]
        # Milvus says nothing of a taken port; the calls would reach somebody else's server.
        if not is_free(self._ports["proxy.port"]):
            raise PortTaken(f"port {self._ports['proxy.port']} is in use; give another one, or 0 to have one chosen")

    def _spawn(self) -> None:
        etcd = self.folder / "configs" / "etcd.yaml"
        data = f"data-dir: {self.folder / 'data' / 'etcd.data'}\n"
        etcd.write_text(_ETCD.format(**self._ports) + data, encoding="utf-8")
        self._log_start = size_of(self.log)
        command = [str(self._wheel.binaries / "milvus"), "run", "standalone"]
        self._process = spawn(command, self._environment(etcd), self.folder, self.log, signal.SIGKILL)
        # Threads that it starts later take this over.
        os.setpriority(os.PRIO_PROCESS, self._process.pid, os.getpriority(os.PRIO_PROCESS, 0) + self._niceness)

    def _environment(self, etcd: Path) -> dict[str, str]:
        ports = {name: str(self._ports[name]) for name in ("proxy.port", *_COMPONENTS)}
        settings = {**ports, "etcd.config.path": str(etcd), **self._settings}
        return {
            **os.environ,
            **{name.replace(".", "_").upper(): value for name, value in settings.items()},
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(self._ports["metrics"]),
            "MILVUS_RUN_DIR": str(self.folder / "run"),
            "LD_LIBRARY_PATH": str(self._wheel.binaries),
        }

    def _wait(self) -> None:
        end = time.monotonic() + self._start_timeout
        while not (self._healthy() and self._answers()):
            if self.pid is None and self._killed_before():
                self._spawn()
            elif self.pid is None:
                raise StartFailed(f"Milvus ended while starting; its log is {self.log}", tail(self.log))
            if time.monotonic() > end:
                raise StartFailed(
                    f"Milvus did not answer within {self._start_timeout:.0f} s; its log is {self.log}", tail(self.log)
                )
            time.sleep(0.2)

    def _killed_before(self) -> bool:
        """Whether it gave up because the session of a server that was killed has not run out yet."""
        return _SESSION in read_from(self.log, self._log_start)

    def _healthy(self) -> bool:
        """Whether every component says that it is well; a call may be answered before."""
        try:
            with _direct.open(f"http://{ADDRESS}:{self._ports['metrics']}/healthz", timeout=_TIMEOUT) as answer:
                return b"OK" in answer.read()
        except OSError:
            return False

    def _answers(self) -> bool:
        """Whether "list your collections" gets an answer; that the token is refused is one."""
        header = (("authorization", base64.b64encode(_ROOT.encode()).decode()),)
        with self._channel() as channel:
            try:
                channel.unary_unary(_SHOW_COLLECTIONS)(b"", timeout=_TIMEOUT, metadata=header)
            except grpc.RpcError as error:
                return bool(error.code() == grpc.StatusCode.UNAUTHENTICATED)
        return True

    def _channel(self) -> Any:
        address = self.uri.partition("//")[2]
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        if not self._tls:
            return grpc.insecure_channel(address, options=options)
        return grpc.secure_channel(address, self._credentials(), options=options)

    def _credentials(self) -> Any:
        """A server with mode 2 wants to see a certificate, and its own will do."""
        name = "tls.caPemPath" if "tls.caPemPath" in self._settings else "tls.serverPemPath"
        root = Path(self._settings[name]).read_bytes()
        if self._settings["common.security.tlsMode"] == "1":
            return grpc.ssl_channel_credentials(root)
        key, chain = (Path(self._settings[f"tls.server{part}Path"]).read_bytes() for part in ("Key", "Pem"))
        return grpc.ssl_channel_credentials(root, key, chain)


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _tree(root: int) -> set[int]:
    """A process and its descendants."""
    table = process_table()
    found = {root}
    while grown := {pid for pid, (parent, _) in table.items() if parent in found and pid not in found}:
        found |= grown
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path("/proc", str(pid), "statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
