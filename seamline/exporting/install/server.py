"""The part of Triton's model control that a reload needs, over gRPC."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

from tritonclient.utils import InferenceServerException

from seamline.client.address import operator_address
from seamline.core.errors import BadOption
from seamline.exporting.install.errors import LoadRefused, NotReloaded
from seamline.local.canary import connect

_PATIENCE, _LOAD_PATIENCE = 10.0, 600.0
_AWAY = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")
_NOT_EXPLICIT = "explicit model load / unload is not allowed"

Config = dict[str, Any]
"""A `ModelConfig` message as JSON."""

T = TypeVar("T")


class Server:
    """One running server; a context manager. `address` is host:port of Triton's gRPC port, or the local server's own.

    Every method raises NotReloaded when the server does not answer or takes no orders, and `load` raises LoadRefused
    when the server cannot load what it is told to; what it served before it still serves then.
    """

    def __init__(self, address: str) -> None:
        try:
            self.address = operator_address(address)
        except BadOption as error:
            raise NotReloaded(str(error)) from None
        self._client = connect(self.address)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def versions(self, *states: str) -> dict[str, list[int]]:
        """Model -> its versions in one of these states (READY by default), ascending; only models with one."""
        index = self._ask(lambda: self._client.get_model_repository_index(client_timeout=_PATIENCE))
        found: dict[str, list[int]] = {}
        for model in index.models:
            if model.state in (states or ("READY",)):
                found.setdefault(model.name, []).append(int(model.version))
        return {name: sorted(numbers) for name, numbers in found.items()}

    def config(self, model: str) -> Config:
        """The configuration by which a model is served, in a form that loads it again without a new process.

        The server fills in `runtime`; sent back, it would look like a change.
        """
        answer = self._ask(lambda: self._client.get_model_config(model, as_json=True, client_timeout=_PATIENCE))
        config: Config = answer["config"]
        config.pop("runtime", None)
        return config

    def load(self, model: str, config: Mapping[str, Any]) -> None:
        """Serve a model by this configuration in place of its own."""
        text = json.dumps(config)
        self._ask(lambda: self._client.load_model(model, config=text, client_timeout=_LOAD_PATIENCE))

    def load_ensemble(self, model: str) -> None:
        """Serve an ensemble that has just come to the repository, and its steps that are not served yet."""
        self._ask(lambda: self._client.load_model(model, client_timeout=_LOAD_PATIENCE))

    def unload(self, model: str) -> None:
        """Serve a model no longer; requests on their way are answered."""
        self._ask(lambda: self._client.unload_model(model, client_timeout=_LOAD_PATIENCE))

    def serve(self, model: str, policy: Mapping[str, Any]) -> None:
        """Serve the versions of a step that a version policy names."""
        self.load(model, self.config(model) | {"version_policy": policy})

    def _ask(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except InferenceServerException as error:
            raise self._reason(error) from None

    def _reason(self, error: InferenceServerException) -> NotReloaded | LoadRefused:
        code, message = str(error.status()).removeprefix("StatusCode."), str(error.message()).strip()
        if _NOT_EXPLICIT in message:
            return NotReloaded(
                f"the server at {self.address} takes no orders to load models; start it again, with "
                "--model-control-mode=explicit to be able to reload it later"
            )
        if code == "PERMISSION_DENIED":
            return NotReloaded(f"at {self.address} is a gateway, which takes no orders; name Triton's own address")
        if code in _AWAY:
            return NotReloaded(
                f"no server answers at {self.address} ({code}); it serves the newest version once started"
            )
        # What follows the first line is the server's own stack.
        return LoadRefused(f"the server at {self.address} refuses: {message.partition(chr(10))[0].strip(' ;:')}")


def only(versions: Sequence[int]) -> Config:
    """The version policy for exactly these versions."""
    return {"specific": {"versions": list(versions)}}


LATEST: Config = {"latest": {"num_versions": 1}}
"""Triton's own default policy."""
