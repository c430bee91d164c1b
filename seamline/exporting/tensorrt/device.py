"""GPU memory through CUDA's runtime library, which TensorRT's containers bring and torch does too."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol

from seamline.exporting.errors import ExportError
from seamline.exporting.networks import Array
from seamline.exporting.tensorrt.targets import Target


class Device(Protocol):
    """What running an engine needs of a GPU. Addresses are those of its memory; copies are in the stream's order."""

    @property
    def stream(self) -> int:
        """The stream on which everything happens."""

    def allocate(self, size: int) -> int:
        """The address of so many bytes."""

    def free(self, address: int) -> None:
        """Give them back."""

    def upload(self, array: Array, address: int) -> None:
        """Copy a contiguous array there."""

    def download(self, address: int, array: Array) -> None:
        """Fill a contiguous array from there."""

    def wait(self) -> None:
        """Until all that was asked for is done."""


class CudaDevice:
    """The first GPU that CUDA shows. Raises ExportError where there is none."""

    def __init__(self) -> None:
        self._cuda = _runtime()
        count = self._call("cudaGetDeviceCount", _NO_GPU)[0]
        if not count:
            raise ExportError(_NO_GPU)
        self._stream = self._call("cudaStreamCreate")[0]

    @property
    def stream(self) -> int:
        return int(self._stream)

    @property
    def target(self) -> Target:
        """Its architecture."""
        kinds = self._cuda.cudaDeviceAttr
        major, minor = (
            self._call("cudaDeviceGetAttribute", "", kind, 0)[0]
            for kind in (kinds.cudaDevAttrComputeCapabilityMajor, kinds.cudaDevAttrComputeCapabilityMinor)
        )
        return Target(10 * major + minor)

    @property
    def name(self) -> str:
        """As NVIDIA sells it."""
        return str(self._call("cudaGetDeviceProperties", "", 0)[0].name.rstrip(b"\0").decode())

    def allocate(self, size: int) -> int:
        return int(self._call("cudaMalloc", "the GPU's memory is full; close what else runs on it", max(size, 1))[0])

    def free(self, address: int) -> None:
        self._call("cudaFree", "", address)

    def upload(self, array: Array, address: int) -> None:
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._call("cudaMemcpyAsync", "", address, array.ctypes.data, array.nbytes, kind, self._stream)

    def download(self, address: int, array: Array) -> None:
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._call("cudaMemcpyAsync", "", array.ctypes.data, address, array.nbytes, kind, self._stream)

    def wait(self) -> None:
        self._call("cudaStreamSynchronize", "", self._stream)

    def _call(self, name: str, otherwise: str = "", *given: object) -> tuple[Any, ...]:
        """The results of a CUDA function; its error code becomes an ExportError."""
        function: Callable[..., tuple[Any, ...]] = getattr(self._cuda, name)
        code, *results = function(*given)
        if int(code):
            raise ExportError(otherwise or f"CUDA answers {code.name} to {name}")
        return tuple(results)


_NO_GPU = "this machine has no GPU that CUDA can use; build on one that has, or use --check, which needs none"


def _runtime() -> Any:
    try:
        return importlib.import_module("cuda.bindings.runtime")
    except ImportError as error:
        raise ExportError(
            f"CUDA's Python bindings are not installed ({error}); run `pip install cuda-bindings`"
        ) from error
