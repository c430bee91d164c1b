"""Milvus 2.3.5 as its wheel carries it: a whole standalone server with embedded etcd, without a container.

The wheel lives in an environment of its own, because its pins would fight with everybody else's. It is only the
carrier: its program would restart nothing and would leave the server behind when it is ended, so the binary that
it unpacks is run directly.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seamline.local.errors import CannotRunHere

VERSION = "2.3.5"

_UNPACKED = "milvus-bin"
_UNPACK = """
import sys, milvus
milvus._initialize_data_files(sys.argv[1])
"""
_CONFIGURE = """
import sys, milvus
config = milvus.MilvusServerConfig(data_dir=sys.argv[1])
config.resolve_storage()
config.set("system_log_path", "")
config.write_config()
"""


def default_environment() -> Path:
    """Where the wheel is installed: SEAMLINE_MILVUS_ENV, or a folder below ~/.cache."""
    named = os.environ.get("SEAMLINE_MILVUS_ENV")
    return Path(named) if named else Path.home() / ".cache" / "seamline" / f"milvus-{VERSION}"


class Wheel:
    """The installed wheel in one environment."""

    def __init__(self, environment: Path) -> None:
        self._environment = environment.resolve()

    @property
    def binaries(self) -> Path:
        """The folder of the server's program and libraries."""
        return self._environment / _UNPACKED / "bin"

    def install(self) -> None:
        """Make the environment and unpack the server, once. Raises CannotRunHere."""
        self._environment.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not self._program("milvus-server").is_file():
                self._make()
            if not (self.binaries / "milvus").is_file():
                self._python(_UNPACK, self._environment / _UNPACKED)

    def configure(self, folder: Path) -> None:
        """Write the server's configuration with the wheel's values and this data folder. Raises CannotRunHere."""
        self._python(_CONFIGURE, folder)

    def _make(self) -> None:
        self._run([sys.executable, "-m", "venv", str(self._environment)])
        self._run([str(self._program("python")), "-m", "pip", "install", "--quiet", f"milvus=={VERSION}"])

    def _python(self, program: str, folder: Path) -> None:
        self._run([str(self._program("python")), "-I", "-c", program, str(folder)])

    def _program(self, name: str) -> Path:
        return self._environment / "bin" / name

    def _run(self, command: list[str]) -> None:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            said = (getattr(error, "stderr", None) or str(error)).strip().splitlines() or ["no reason given"]
            raise CannotRunHere(
                f"the wheel milvus=={VERSION} could not be set up in {self._environment}: {said[-1]}"
            ) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two programs that start for the first time at once must not unpack over each other."""
        with (self._environment / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
