"""What the local server says about itself: its state, and its logs, once or as they grow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seamline.local.folder import StateFolder, is_locked
from seamline.local.options import default_home
from seamline.local.process import SERVICES, shared_memory_files, size_of, tail

_TIMEOUT = 3.0
_FOLLOW_EVERY = 0.3
_STATE_KEYS = ("state", "pid", "grpc", "triton", "metrics", "milvus", "canary", "services", "reloads", "events")


def status(home: Path | None = None) -> dict[str, Any]:
    """The state of the server of a state folder, ready for JSON; never raises because a part is down.

    Always there: running (bool), home, logs (name -> path). When it runs: state ("starting", "ready" or
    "recovering"), pid and uptime_seconds of the supervisor; grpc, metrics (host:port), triton (unix: and its
    socket file), milvus (URL); canary {outcome, milliseconds}; services {gateway|triton|milvus: {state, pid,
    restarts, last_error, next_start_in}}, where "waiting" is the pause before another start; reloads (models
    brought back without a restart); events [{at, service, what}]; models [{name, version, state, reason}];
    collections {name: rows}; shared_memory_bytes. `models` and `collections` are None when Triton or Milvus
    does not answer. When the last start failed: failure, the sentence.
    """
    folder = StateFolder.at(home or default_home())
    state = folder.read_state()
    found: dict[str, Any] = {"running": is_locked(folder.lock), "home": str(folder.home)}
    found["logs"] = {name: str(path) for name, path in log_paths(folder.home).items()}
    if not found["running"]:
        return {**found, "failure": state["failure"]} if state.get("failure") else found
    found |= {key: state.get(key) for key in _STATE_KEYS}
    found["uptime_seconds"] = round(time.time() - state.get("started_at", time.time()), 1)
    found["models"] = _models(state["triton"]) if "triton" in state else None
    found["collections"] = _collections(state["milvus"]) if "milvus" in state else None
    found["shared_memory_bytes"] = _shared_memory_bytes(folder)
    return found


def log_paths(home: Path | None = None) -> dict[str, Path]:
    """The logs of a state folder by process: supervisor, gateway, triton, milvus."""
    folder = StateFolder.at(home or default_home())
    return {name: folder.log(name) for name in SERVICES}


def logs(
    home: Path | None = None,
    names: Sequence[str] = SERVICES,
    lines: int = 40,
    follow: bool = False,
    until: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, str]]:
    """(process, line) of the last `lines` of each log; with `follow`, then each new line until `until()`.

    A log that does not exist yet counts as empty.
    """
    paths = {name: path for name, path in log_paths(home).items() if name in names}
    ends = {name: size_of(path) for name, path in paths.items()}
    for name, path in paths.items():
        yield from ((name, line) for line in tail(path, lines).splitlines())
    while follow and not until():
        time.sleep(_FOLLOW_EVERY)
        for name, path in paths.items():
            text, ends[name] = _read_after(path, ends[name])
            yield from ((name, line) for line in text.splitlines())


def _models(address: str) -> list[dict[str, str]] | None:
    from tritonclient.utils import InferenceServerException

    from seamline.local.canary import connect

    client = connect(address)
    try:
        index = client.get_model_repository_index(client_timeout=_TIMEOUT)
    except InferenceServerException:
        return None
    finally:
        client.close()
    return model_states(index.models)


def model_states(models: Iterable[Any]) -> list[dict[str, str]]:
    """Of the entries of Triton's repository index, but for older versions that made room for one that is ready."""
    known = [model for model in models if model.state]
    ready = {model.name for model in known if model.state == "READY"}
    told = [model for model in known if model.reason != "unloaded" or model.name not in ready]
    return [
        {"name": model.name, "version": model.version, "state": model.state, "reason": model.reason}
        for model in sorted(told, key=lambda model: (model.name, model.version))
    ]


def _collections(uri: str) -> dict[str, int] | None:
    import grpc  # type: ignore[import-untyped, unused-ignore]

    from seamline.local.milvus_calls import count_rows, ping

    address = uri.removeprefix("http://")
    try:
        return None if ping(address, _TIMEOUT) is None else count_rows(address)
    except grpc.RpcError:
        return None


def _shared_memory_bytes(folder: StateFolder) -> int:
    sizes = []
    for file in shared_memory_files(folder.shared_memory_prefix):
        try:
            sizes.append(file.stat().st_blocks * 512)
        except FileNotFoundError:
            continue
    return sum(sizes)


def _read_after(path: Path, end: int) -> tuple[str, int]:
    size = size_of(path)
    # A log that has shrunk was set aside and begun anew.
    start = end if size >= end else 0
    if size == start:
        return "", size
    with path.open("rb") as file:
        file.seek(start)
        text = file.read(size - start)
    complete = text[: text.rfind(b"\n") + 1]
    return complete.decode(errors="replace"), start + len(complete)
