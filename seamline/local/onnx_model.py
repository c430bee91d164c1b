"""An ONNX file behind a Triton model config: arrays in, arrays out, no Triton in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from seamline.local import onnx_contract
from seamline.local.errors import ConfigMismatch, MissingWeights
from seamline.local.onnx_options import session_options

Array = npt.NDArray[Any]
Tensors = Mapping[str, Array]

DEFAULT_FILE = "model.onnx"


class OnnxModel:
    """The network of one model instance.

    `run` answers a dynamic batch: with `max_batch_size` > 0 the requests are joined along the first
    dimension, run once and split again; otherwise each request is run by itself.
    """

    def __init__(self, config: Mapping[str, Any], version_folder: Path) -> None:
        """Raises MissingWeights when the file is not there, ConfigMismatch when it is not what config says."""
        file = version_folder / (config.get("default_model_filename") or DEFAULT_FILE)
        self._batching = int(config.get("max_batch_size", 0)) > 0
        self._session = _session(config, file)
        onnx_contract.check(
            config,
            f"{version_folder.name}/{file.name}",
            onnx_contract.file_tensors(self._session.get_inputs()),
            onnx_contract.file_tensors(self._session.get_outputs()),
        )
        self.inputs = [tensor.name for tensor in onnx_contract.config_tensors(config, "input")]
        self.outputs = [tensor.name for tensor in onnx_contract.config_tensors(config, "output")]

    def run(self, requests: Sequence[Tensors], wanted: Sequence[str] | None = None) -> list[dict[str, Array]]:
        """The outputs `wanted` (by default all of the config) for each request, in order."""
        names = list(self.outputs if wanted is None else wanted)
        if not self._batching:
            return [self._run_once(request, names) for request in requests]
        if len(requests) == 1:
            return [self._run_once(requests[0], names)]
        joined = {name: np.concatenate([request[name] for request in requests]) for name in self.inputs}
        sizes = [len(request[self.inputs[0]]) for request in requests]
        return _split(self._run_once(joined, names), sizes)

    def _run_once(self, feed: Tensors, names: list[str]) -> dict[str, Array]:
        return dict(zip(names, self._session.run(names, dict(feed)), strict=True))


def _session(config: Mapping[str, Any], file: Path) -> onnxruntime.InferenceSession:
    name = config.get("name", "?")
    if not file.is_file():
        raise MissingWeights(f"cannot load the model {name!r}: the file {file} is not there")
    try:
        return onnxruntime.InferenceSession(
            str(file), sess_options=session_options(config), providers=["CPUExecutionProvider"]
        )
    except ConfigMismatch as error:
        raise ConfigMismatch(f"cannot load the model {name!r}: {error}") from None
    except Exception as error:
        # onnxruntime's exception classes share no public base.
        reason = str(error).splitlines()[0]
        raise ConfigMismatch(f"cannot load the model {name!r}: onnxruntime refuses {file}: {reason}") from None


def _split(joined: Tensors, sizes: Sequence[int]) -> list[dict[str, Array]]:
    ends = np.cumsum(sizes)[:-1]
    parts = {name: np.split(array, ends) for name, array in joined.items()}
    return [{name: pieces[i] for name, pieces in parts.items()} for i in range(len(sizes))]
