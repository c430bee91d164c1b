"""The whole bundle in this process: reads both repositories and runs the real model.py and model.onnx files.

It does what Triton does for the fields that the repositories use (ensemble edges, optional inputs, batching
limits), without its processes, so that most tests of whole ensembles take milliseconds. tests/triton runs
the same assertions against the real server.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import json_format
from tritonclient.grpc import model_config_pb2 as pb

from seamline.serving.weights import newest
from tests.support import triton_python_backend_utils as pb_utils
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, configs

Arrays = Mapping[str, np.ndarray[Any, Any]]


class WireError(Exception):
    """What a client would receive: the code's name and the sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Bundle:
    """Runs any model of the repositories by name."""

    def __init__(self, model_repository: Path = MODEL_REPOSITORY, ensembles: Path = ENSEMBLES) -> None:
        sys.modules["triton_python_backend_utils"] = pb_utils
        self._folders = {name: model_repository / name for name in configs(model_repository)}
        self._configs = configs(model_repository) | configs(ensembles)
        self._models: dict[str, Any] = {}

    def infer(self, name: str, inputs: Arrays, asked: Sequence[str] = ()) -> dict[str, np.ndarray[Any, Any]]:
        """Outputs of one request, `asked` those that an ensemble uses, all for none. Raises WireError."""
        config = self._configs[name]
        asked = asked or [tensor.name for tensor in config.output]
        if config.platform == "ensemble":
            return self._ensemble(config, dict(inputs))
        _check_batch(config, inputs)
        return self._onnx(name, inputs) if config.backend == "onnxruntime" else self._python(name, inputs, asked)

    def _ensemble(
        self, config: pb.ModelConfig, tensors: dict[str, np.ndarray[Any, Any]]
    ) -> dict[str, np.ndarray[Any, Any]]:
        for step in config.ensemble_scheduling.step:
            inputs = {key: tensors[value] for key, value in step.input_map.items() if value in tensors}
            outputs = self.infer(step.model_name, inputs, list(step.output_map))
            tensors |= {value: outputs[key] for key, value in step.output_map.items()}
        return {output.name: tensors[output.name] for output in config.output}

    def _python(self, name: str, inputs: Arrays, asked: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
        model = self._models.get(name) or self._load_python(name)
        request = pb_utils.InferenceRequest([pb_utils.Tensor(key, value) for key, value in inputs.items()], asked)
        pb_utils.InferenceRequest.run = self._from_within
        response = model.execute([request])[0]
        if error := response.error():
            raise WireError({code: key for key, code in _codes().items()}[error.code()], error.message())
        return {tensor.name(): tensor.as_numpy() for tensor in response.output_tensors()}

    def _from_within(
        self, name: str, tensors: Sequence[pb_utils.Tensor], asked: Sequence[str]
    ) -> pb_utils.InferenceResponse:
        try:
            found = self.infer(name, {tensor.name(): tensor.as_numpy() for tensor in tensors}, asked)
        except WireError as error:
            return pb_utils.InferenceResponse([], pb_utils.TritonError(error.message, _codes()[error.code]))
        return pb_utils.InferenceResponse([pb_utils.Tensor(key, found[key]) for key in asked])

    def _load_python(self, name: str) -> Any:
        version = newest(self._folders[name].parent, name)
        spec = importlib.util.spec_from_file_location(f"model_of_{name}", version / "model.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        model = module.TritonPythonModel()
        config = json_format.MessageToJson(self._configs[name], preserving_proto_field_name=True)
        model.initialize(
            {"model_config": config, "model_repository": str(self._folders[name]), "model_version": version.name}
        )
        self._models[name] = model
        return model

    def _onnx(self, name: str, inputs: Arrays) -> dict[str, np.ndarray[Any, Any]]:
        import onnxruntime

        if name not in self._models:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self._models[name] = onnxruntime.InferenceSession(
                newest(self._folders[name].parent, name) / "model.onnx", options, providers=["CPUExecutionProvider"]
            )
        session = self._models[name]
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def _codes() -> dict[str, int]:
    return {key: value for key, value in vars(pb_utils.TritonError).items() if key.isupper()}


def _check_batch(config: pb.ModelConfig, inputs: Arrays) -> None:
    sizes = {len(array) for array in inputs.values()}
    if config.max_batch_size and (len(sizes) != 1 or not 1 <= sizes.pop() <= config.max_batch_size):
        raise WireError("INVALID_ARG", f"{config.name} takes batches of 1 to {config.max_batch_size}")
