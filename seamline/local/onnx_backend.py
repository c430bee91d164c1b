"""The python-based Triton backend `onnxruntime`: Triton requests in, Triton responses out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import triton_python_backend_utils as pb_utils

from seamline.local.errors import LocalError
from seamline.local.onnx_model import Array, OnnxModel


class TritonPythonModel:
    """One instance of a model; Triton starts as many as `instance_group` says, a process each."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the network of this version; a refusal is one sentence."""
        config = json.loads(args["model_config"])
        self._name: str = config["name"]
        try:
            self._model = OnnxModel(config, Path(pb_utils.get_model_dir()))
        except LocalError as error:
            raise pb_utils.TritonModelException(str(error)) from None

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """One response a request, for the outputs that anyone in the batch asked for."""
        asked = {name for request in requests for name in request.requested_output_names()}
        wanted = [name for name in self._model.outputs if name in asked]
        try:
            answers = self._model.run([self._arrays(request) for request in requests], wanted)
        except Exception as error:
            # onnxruntime's messages name nodes and files, which are for the log and not for the caller.
            pb_utils.Logger.log_error(f"{self._name}: {error}")
            failure = pb_utils.TritonError(
                f"the network {self._name!r} failed on this input", pb_utils.TritonError.INTERNAL
            )
            return [pb_utils.InferenceResponse(error=failure) for _ in requests]
        return [pb_utils.InferenceResponse(_tensors(answer)) for answer in answers]

    def _arrays(self, request: Any) -> dict[str, Array]:
        return {name: pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in self._model.inputs}


def _tensors(answer: dict[str, Array]) -> list[Any]:
    return [pb_utils.Tensor(name, array) for name, array in answer.items()]
