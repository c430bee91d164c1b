"""Requests from arrays, arrays from responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferResult
from tritonclient.grpc import service_pb2 as wire
from tritonclient.utils import np_to_triton_dtype, serialize_byte_tensor

from seamline.core.errors import InternalError

Array = NDArray[Any]


def texts(values: Iterable[str | bytes]) -> Array:
    """A BYTES tensor [n]."""
    return np.array([value.encode() if isinstance(value, str) else value for value in values], dtype=object)


BULK = 3
"""The priority level, of the step `decode`, of jobs that can wait; a request that names none is served before them."""


def infer_request(model: str, inputs: Mapping[str, Array], *, priority: int = 0) -> Any:
    """A ModelInferRequest with the inputs' own names, types and shapes; priority 0 is the server's default level."""
    request = wire.ModelInferRequest(model_name=model)
    if priority:
        request.parameters["priority"].int64_param = priority
        request.parameters["patient"].bool_param = True
    for name, array in inputs.items():
        request.inputs.add(name=name, datatype=np_to_triton_dtype(array.dtype), shape=array.shape)
        request.raw_input_contents.append(_raw(array))
    return request


def _raw(array: Array) -> bytes:
    if array.dtype == object:
        return bytes(serialize_byte_tensor(array).item()) if array.size else b""
    return np.ascontiguousarray(array).tobytes()


class Outputs:
    """The outputs of one response by name."""

    def __init__(self, response: Any) -> None:
        self._result = InferResult(response)

    def array(self, name: str) -> Array:
        """The tensor `name`. Raises InternalError when the server did not send it."""
        found = self.optional(name)
        if found is None:
            raise InternalError(f"the server's answer lacks {name}; server and client are of different versions")
        return found

    def optional(self, name: str) -> Array | None:
        """The tensor `name`, None where the ensemble has no such output."""
        found = self._result.as_numpy(name)
        return None if found is None else np.asarray(found)

    def texts(self, name: str) -> list[str]:
        """A BYTES tensor of any shape as a flat list of texts."""
        return [bytes(value).decode("utf-8", "replace") for value in self.array(name).reshape(-1)]
