"""The part of Triton's `triton_python_backend_utils` that seamline uses, with its behaviour.

Names that seamline does not use are missing on purpose, so that a misspelt one fails here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np


class TritonError(Exception):
    """An error with a code, as the python backend sends it."""

    UNKNOWN, INTERNAL, NOT_FOUND, INVALID_ARG, UNAVAILABLE, UNSUPPORTED, ALREADY_EXISTS = range(7)

    def __init__(self, message: str, code: int = INTERNAL) -> None:
        super().__init__(message)
        self._message, self._code = message, code

    def message(self) -> str:
        """The sentence."""
        return self._message

    def code(self) -> int:
        """One of the class's codes."""
        return self._code


class Tensor:
    """A named array."""

    def __init__(self, name: str, array: np.ndarray[Any, Any]) -> None:
        if not array.flags.c_contiguous:
            raise TritonError(f"the tensor {name} is not contiguous")
        self._name, self._array = name, array

    def name(self) -> str:
        """The tensor's name."""
        return self._name

    def as_numpy(self) -> np.ndarray[Any, Any]:
        """The array."""
        return self._array


class InferenceRequest:
    """Named inputs, the outputs that are asked for, and parameters; one that a step makes names its model."""

    run: ClassVar[Callable[[str, Sequence[Tensor], Sequence[str]], InferenceResponse]]
    """Answers a request that a step makes: the model's name, inputs and outputs."""

    def __init__(
        self,
        inputs: list[Tensor],
        requested_output_names: Sequence[str] = (),
        parameters: Mapping[str, object] | None = None,
        model_name: str = "",
    ) -> None:
        self.tensors = {tensor.name(): tensor for tensor in inputs}
        self._asked, self._parameters = list(requested_output_names), json.dumps(parameters or {})
        self._model = model_name

    def exec(self) -> InferenceResponse:
        """The other model's answer, which may be an error."""
        return InferenceRequest.run(self._model, list(self.tensors.values()), self._asked)

    def requested_output_names(self) -> list[str]:
        """The outputs."""
        return self._asked

    def parameters(self) -> str:
        """As JSON."""
        return self._parameters


class InferenceResponse:
    """Named outputs, or an error."""

    def __init__(self, output_tensors: list[Tensor], error: TritonError | None = None) -> None:
        self._tensors, self._error = output_tensors, error

    def output_tensors(self) -> list[Tensor]:
        """The outputs."""
        return self._tensors

    def error(self) -> TritonError | None:
        """The error, if any."""
        return self._error

    def has_error(self) -> bool:
        """Whether there is one."""
        return self._error is not None


def get_input_tensor_by_name(request: InferenceRequest, name: str) -> Tensor | None:
    """The input, None for an optional one that is not there."""
    return request.tensors.get(name)


def get_output_tensor_by_name(response: InferenceResponse, name: str) -> Tensor | None:
    """The output, None for one that is not there."""
    return next((tensor for tensor in response.output_tensors() if tensor.name() == name), None)


class Logger:
    """Collects what would go to the server's log."""

    lines: ClassVar[list[str]] = []

    @classmethod
    def log_error(cls, line: str) -> None:
        """Keep a line."""
        cls.lines.append(line)
