"""What a person can choose about the local server, and where it then answers."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import seamline
from seamline.core.state_folder import state_folder

ADDRESS = "127.0.0.1"
"""Everything listens on loopback only: Milvus Lite does not ask who is calling, nor does a gateway without tokens."""

DEFAULT_VARIANT = "cpu"
"""The variant whose configuration is each model's `config.pbtxt` itself."""

_CHECKOUT = Path(seamline.__file__).resolve().parents[1]


def default_home() -> Path:
    """The state folder: SEAMLINE_HOME, by default `~/.seamline`. Raises Unavailable for a user without a home."""
    return state_folder()


def default_model_repository() -> Path:
    """SEAMLINE_MODEL_REPOSITORY, by default the checkout's `model_repository/`."""
    return Path(os.environ.get("SEAMLINE_MODEL_REPOSITORY") or _CHECKOUT / "model_repository")


def default_ensembles() -> Path:
    """SEAMLINE_ENSEMBLES, by default `ensembles/` beside the model repository, else the checkout's."""
    named = os.environ.get("SEAMLINE_ENSEMBLES")
    beside = default_model_repository().parent / "ensembles"
    return Path(named) if named else beside if beside.is_dir() else _CHECKOUT / "ensembles"


@dataclass(frozen=True)
class LocalOptions:
    """How to run the local server.

    A port that is None is its usual number if that is free and any free one otherwise; 0 is any free one;
    any other number is that one or an error. Times are seconds, sizes bytes.
    """

    home: Path = field(default_factory=default_home)
    model_repository: Path = field(default_factory=default_model_repository)
    ensembles: Path = field(default_factory=default_ensembles)
    variant: str = DEFAULT_VARIANT
    """Models with a `configs/<variant>.pbtxt` are served by it, the others by their `config.pbtxt`."""
    grpc_port: int | None = None
    metrics_port: int | None = None
    milvus_port: int | None = None
    start_timeout: float = 90.0
    """How long Triton or Milvus may take from its start to its first answer."""
    health_interval: float = 5.0
    """Time between two canary inferences."""
    shared_memory: int = 256 * 2**20
    """Room that must be free in /dev/shm at the start."""
    owner_pid: int | None = None
    """A process id: the server stops when that process ends. For programs that must not leave it behind."""

    def to_json(self) -> str:
        """For handing the options to another process."""
        values = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()}
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> LocalOptions:
        """The inverse of `to_json`."""
        paths = {item.name for item in fields(cls) if item.type == "Path"}
        values: dict[str, Any] = json.loads(text)
        return cls(**(values | {key: Path(values[key]) for key in paths}))


@dataclass(frozen=True)
class Endpoints:
    """Where a running server answers: host:port, for Milvus a URL.

    `grpc` is the gateway's, for clients; `triton` that of Triton itself, a socket file that only its owner reaches.
    """

    grpc: str
    triton: str
    metrics: str
    milvus: str
