"""The one adapter between steps and Triton's python backend."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seamline.core.errors import BadLease, BadOption, Busy, InternalError, SeamlineError, Unsupported, wire_code
from seamline.core.spec import Spec
from seamline.serving.admission import PATIENCE, TIMEOUT, Admission
from seamline.serving.lease import Lease
from seamline.serving.progress import Cost, told_to
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
        self._step = self.step_type(Setting(Spec.load(folder / "spec.json"), parameters, folder, run_model))
        self._photos = _PhotoAdmission(self._name, parameters)
        self._handed_on = handed_on(config, self._step.outputs)

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer each request on its own, so that a bad one costs no other."""
        import triton_python_backend_utils as pb_utils

        return [self._answer(request, pb_utils) for request in requests]

    def _answer(self, request: Any, pb_utils: ModuleType) -> Any:
        try:
            with self._photos.passed(request, _array(pb_utils.get_input_tensor_by_name(request, LEASE))) as given:
                tensors = {name: _array(pb_utils.get_input_tensor_by_name(request, name)) for name in self._step.inputs}
                passed = {name: _array(pb_utils.get_input_tensor_by_name(request, name)) for name in self._handed_on}
                answer = {**passed, **self._step(tensors), **given}
            outputs = [pb_utils.Tensor(name, np.ascontiguousarray(array)) for name, array in answer.items()]
            return pb_utils.InferenceResponse(output_tensors=outputs)
        except SeamlineError as error:
            return _refusal(str(error), wire_code(error), pb_utils)
        except Exception:  # an uncaught one would send its traceback to the client and fail the whole batch
            _log(self._name, pb_utils)
            return _refusal(f"the step {self._name} failed; its log names the cause", "INTERNAL", pb_utils)


def run_model(name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Mapping[str, Array]:
    """Answers of the newest version of another model of this server, asked from within a step (BLS).

    Raises Busy where the model's queue is full or too slow, InternalError where it fails.
    """
    import triton_python_backend_utils as pb_utils

    tensors = [pb_utils.Tensor(key, np.ascontiguousarray(value)) for key, value in inputs.items()]
    request = pb_utils.InferenceRequest(model_name=name, requested_output_names=list(outputs), inputs=tensors)
    answer = request.exec()
    if answer.has_error():
        error = answer.error()
        if error.code() == pb_utils.TritonError.UNAVAILABLE:
            raise Busy(f"the service has more photos than {name} can take; try again later")
        raise InternalError(f"the model {name} failed; its log names the cause")
    return {key: pb_utils.get_output_tensor_by_name(answer, key).as_numpy() for key in outputs}


def handed_on(config: Mapping[str, Any], made: Sequence[str]) -> tuple[str, ...]:
    """Inputs of a model's configuration that it names as outputs too and its step does not make: they go through it
    unchanged.

    The last step of an ensemble so gives all that the ensemble answers. Triton leaves out steps whose outputs nobody
    asked for, miscounts where one is an answer and an input of a later step as well, and with the last step would leave
    out the one that releases the slot.
    """
    inputs = {tensor["name"] for tensor in config.get("input", ())}
    outputs = (tensor["name"] for tensor in config.get("output", ()))
    return tuple(name for name in outputs if name in inputs and name not in made)


class _PhotoAdmission:
    """A step's part in the admission of photos, by the parameters of its config.pbtxt.

    admission: "acquire" lets a photo in before the step does its work, "renew", which is the middle of its way, and
    "check" take one that was let in, "release" takes one and ends its way; each ends it where the step refuses the
    photo. in_flight: how many photos may be inside; costly: how many beside them that the step claims to be dear, 0
    for half as many and one at least. patience_ms: how long a photo waits to be let in or to be dear, unless its
    request carries the parameter `patient`.
    """

    def __init__(self, step: str, parameters: Mapping[str, str]) -> None:
        self._role = parameters.get("admission", "")
        if self._role not in ("", "acquire", "renew", "check", "release"):
            raise InternalError(
                f"the parameter admission in config.pbtxt is {self._role!r}; it is acquire, renew, check or release"
            )
        self._patience = int(parameters.get("patience_ms", 20)) / 1000
        if self._role:
            self._admission = Admission(int(parameters.get("in_flight", 0)))
            self._costly = int(parameters.get("costly", 0)) or max(1, self._admission.slots // 2)
            self._step = self._admission.step_bit(step)

    @contextmanager
    def passed(self, request: Any, carried: Array | None) -> Iterator[Mapping[str, Array]]:
        """While the block runs, the photo whose lease the request carries is in the step; gives the tensor that the
        step hands out, if any.

        Raises Busy where there is no slot for the photo, and what `Admission.enter` raises.
        """
        if not self._role:
            yield {}
            return
        lease = self._admit(request) if self._role == "acquire" else self._admission.lease(carried)
        is_handed_on = self._role == "acquire" and LEASE in request.requested_output_names()
        passage = _Passage(self._admission, lease, self._costly, self._patience)
        try:
            if self._role != "acquire":
                self._admission.enter(lease, self._step, is_middle=self._role == "renew")
            with told_to(passage):
                yield {LEASE: self._admission.tensor(lease)} if is_handed_on else {}
        except BadLease:
            raise
        except BaseException:
            self._admission.release(lease, arrived=False)
            raise
        if self._role == "release":
            self._admission.release(lease)
        elif self._role == "acquire" and not is_handed_on:
            self._admission.release(lease, arrived=False)

    def _admit(self, request: Any) -> Lease:
        parameters = json.loads(request.parameters() or "{}")
        return self._admission.acquire(PATIENCE if parameters.get("patient") else self._patience, _timeout(parameters))


@dataclasses.dataclass(frozen=True)
class _Passage:
    """The way of one photo through a step, as the `Progress` of that step."""

    admission: Admission
    lease: Lease
    costly: int
    patience: float

    def check(self) -> None:
        """Hold the photo's slot."""
        self.admission.renew(self.lease)

    def claim(self, cost: Cost) -> None:
        """Count the photo among those of this cost."""
        self.admission.claim(self.lease, cost, self.costly, self.patience)


def _timeout(parameters: Mapping[str, Any]) -> float:
    """Seconds that the client still waits, by the request's parameter `timeout_ms`; nothing is done for longer than
    _LONGEST_TIMEOUT."""
    given = parameters.get("timeout_ms", TIMEOUT * 1000)
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= 0:
        raise BadOption("timeout_ms must be a number of milliseconds that is not negative")
    return min(given / 1000, _LONGEST_TIMEOUT)


_LONGEST_TIMEOUT = 120.0


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
