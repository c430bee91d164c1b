"""One way to ask either the bundle in this process or the real Triton, so that both pass the same assertions."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from tests.support.bundle import Arrays, WireError

ENSEMBLES = ("embed", "search")
_CODES = {
    "StatusCode.INVALID_ARGUMENT": "INVALID_ARG",
    "StatusCode.NOT_FOUND": "NOT_FOUND",
    "StatusCode.UNAVAILABLE": "UNAVAILABLE",
    "StatusCode.INTERNAL": "INTERNAL",
}


class Wire(Protocol):
    """Answers one request to a model. Raises WireError."""

    def infer(self, name: str, inputs: Arrays) -> dict[str, np.ndarray[Any, Any]]: ...


class TritonWire:
    """The real server: its ensembles through the gateway, steps by Triton's own address."""

    def __init__(self, gateway: str, steps: str) -> None:
        self._gateway, self._steps = (triton.InferenceServerClient(address) for address in (gateway, steps))

    def close(self) -> None:
        """Close the connection."""
        self._gateway.close()
        self._steps.close()

    def infer(self, name: str, inputs: Arrays) -> dict[str, np.ndarray[Any, Any]]:
        """Outputs of one request. Raises WireError."""
        tensors = []
        for key, array in inputs.items():
            tensor = triton.InferInput(key, list(array.shape), np_to_triton_dtype(array.dtype))
            tensor.set_data_from_numpy(array)
            tensors.append(tensor)
        try:
            client = self._gateway if name in ENSEMBLES else self._steps
            answer = client.infer(name, tensors, client_timeout=60)
        except InferenceServerException as error:
            code = _CODES.get(str(error.status()), str(error.status()))
            raise WireError(code, error.message().removeprefix(f"in ensemble '{name}', ")) from error
        return {output.name: answer.as_numpy(output.name) for output in answer.get_response().outputs}
