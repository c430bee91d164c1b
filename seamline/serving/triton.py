"""The one adapter between steps and Triton's python backend."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seamline.core.errors import InternalError, SeamlineError, Unsupported, wire_code
from seamline.core.spec import Spec
from seamline.serving.admission import PATIENCE, Admission, Lease
from seamline.serving.step import Array, Setting, Step

if TYPE_CHECKING:
    from types import ModuleType

LEASE = "LEASE"
"""The tensor that carries a photo's slot from the first step to the last; the adapter's, not the steps'."""


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
        self._step = self.step_type(Setting(Spec.load(folder / "spec.json"), parameters, folder))
        self._photos = _PhotoAdmission(parameters)

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer each request on its own, so that a bad one costs no other."""
        import triton_python_backend_utils as pb_utils

        return [self._answer(request, pb_utils) for request in requests]

    def _answer(self, request: Any, pb_utils: ModuleType) -> Any:
        try:
            with self._photos.passed(request, _array(pb_utils.get_input_tensor_by_name(request, LEASE))) as given:
                tensors = {name: _array(pb_utils.get_input_tensor_by_name(request, name)) for name in self._step.inputs}
                answer = {**self._step(tensors), **given}
            outputs = [pb_utils.Tensor(name, np.ascontiguousarray(array)) for name, array in answer.items()]
            return pb_utils.InferenceResponse(output_tensors=outputs)
        except SeamlineError as error:
            return _refusal(str(error), wire_code(error), pb_utils)
        except Exception:  # an uncaught one would send its traceback to the client and fail the whole batch
            _log(self._name, pb_utils)
            return _refusal(f"the step {self._name} failed; its log names the cause", "INTERNAL", pb_utils)


class _PhotoAdmission:
    """A step's part in the admission of photos, by the parameters of its config.pbtxt.

    admission: "acquire" lets a photo in before the step does its work, "release" ends its way, "renew" tells that it
    still is on it; each ends it where the step refuses the photo. in_flight: how many photos may be inside.
    patience_ms: how long a photo waits to be let in, unless its request carries the parameter `patient`.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        role = parameters.get("admission", "")
        if role not in ("", "acquire", "renew", "release"):
            raise InternalError(f"the parameter admission in config.pbtxt is {role!r}; it is acquire, renew or release")
        self._admits, self._last = role == "acquire", role == "release"
        self._patience = int(parameters.get("patience_ms", 20)) / 1000
        self._admission = Admission(int(parameters.get("in_flight", 0))) if role else None

    @contextmanager
    def passed(self, request: Any, lease: Lease | None) -> Iterator[Mapping[str, Lease]]:
        """While the block runs, the photo of this lease is in the step; gives the one that the step hands out, if any.

        Raises Busy where there is no slot for the photo.
        """
        admission, given = self._admission, dict[str, Lease]()
        if admission is None:
            yield given
            return
        if self._admits and LEASE in request.requested_output_names():
            given[LEASE] = admission.acquire(PATIENCE if _can_wait(request) else self._patience)
        carried = given.get(LEASE, lease)
        try:
            yield given
        except BaseException:
            if carried is not None:
                admission.release(carried, arrived=False)
            raise
        if lease is not None:
            (admission.release if self._last else admission.renew)(lease)


def _can_wait(request: Any) -> bool:
    return bool(json.loads(request.parameters() or "{}").get("patient"))


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
    if os.environ.get("SEAMLINE_STUB_NUMPY") == "1" and int(version.split(".")[0]) >= 2:
        raise Unsupported(
            f"this server's Python stub needs numpy below 2, found {version}; install 'numpy<2' beside it"
        )
