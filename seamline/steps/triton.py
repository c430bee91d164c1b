"""The one adapter between steps and Triton's python backend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seamline.errors import SeamlineError, Unsupported, wire_code
from seamline.spec import Spec
from seamline.steps.step import Array, Setting, Step

if TYPE_CHECKING:
    from types import ModuleType


def triton_model(step: type[Step]) -> type:
    """The class that a model.py exports as `TritonPythonModel` to serve `step`."""

    class TritonPythonModel(_StepModel):
        step_type = step

    return TritonPythonModel


class _StepModel:
    step_type: type[Step]

    def initialize(self, args: dict[str, str]) -> None:
        """Build the step from the spec.json beside model.py and the parameters of config.pbtxt."""
        check_numpy(np.__version__)
        config = json.loads(args["model_config"])
        folder = Path(args["model_repository"]) / args["model_version"]
        parameters = {name: entry["string_value"] for name, entry in config.get("parameters", {}).items()}
        self._name = config["name"]
        self._step = self.step_type(Setting(Spec.load(folder / "spec.json"), parameters))

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer each request on its own, so that a bad one costs no other."""
        import triton_python_backend_utils as pb_utils

        return [self._answer(request, pb_utils) for request in requests]

    def _answer(self, request: Any, pb_utils: ModuleType) -> Any:
        try:
            tensors = {name: _array(pb_utils.get_input_tensor_by_name(request, name)) for name in self._step.inputs}
            answer = self._step(tensors)
            outputs = [pb_utils.Tensor(name, np.ascontiguousarray(answer[name])) for name in self._step.outputs]
            return pb_utils.InferenceResponse(output_tensors=outputs)
        except SeamlineError as error:
            return _refusal(str(error), wire_code(error), pb_utils)
        except Exception:  # an uncaught one would send its traceback to the client and fail the whole batch
            _log(self._name, pb_utils)
            return _refusal(f"the step {self._name} failed; its log names the cause", "INTERNAL", pb_utils)


def _array(tensor: Any) -> Array | None:
    return None if tensor is None else tensor.as_numpy()


def _refusal(message: str, code: str, pb_utils: ModuleType) -> Any:
    error = pb_utils.TritonError(message, getattr(pb_utils.TritonError, code))
    return pb_utils.InferenceResponse(output_tensors=[], error=error)


def _log(name: str, pb_utils: ModuleType) -> None:
    import traceback

    pb_utils.Logger.log_error(f"step {name}: {traceback.format_exc()}")


def check_numpy(version: str) -> None:
    """Raise Unsupported where the running stub reads tensors wrongly with this numpy.

    The stubs of the `nvidia-pytriton` wheel read every tensor as zeros under numpy 2. That wheel's server carries no
    environment of its own, so the embedded server asks for the check through SEAMLINE_STUB_NUMPY.
    """
    import os

    if os.environ.get("SEAMLINE_STUB_NUMPY") == "1" and int(version.split(".")[0]) >= 2:
        raise Unsupported(
            f"this server's Python stub needs numpy below 2, found {version}; install 'numpy<2' beside it"
        )
