"""A serialised engine on a GPU, called as any other network: named arrays in, named arrays out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seamline.exporting.errors import ExportError
from seamline.exporting.networks import Array
from seamline.exporting.tensorrt.device import Device
from seamline.exporting.tensorrt.refusals import Messages, tidy
from seamline.exporting.tensorrt.trt_variant import TrtVariant


class Engine:
    """An execution context with buffers that grow with the largest batch. Not for several threads at once."""

    def __init__(self, variant: TrtVariant, plan: bytes, device: Device, host_code: bool = False) -> None:
        """`host_code`: trust the code that a version-compatible plan brings for reading it. Raises ExportError for a
        plan of another version, of another architecture, or a damaged one."""
        self._trt, self._device, self._messages = variant.module, device, Messages(variant)
        runtime = self._trt.Runtime(self._messages.logger)
        runtime.engine_host_code_allowed = host_code
        engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise ExportError(f"{variant} does not read this plan, build it again here: {self._said()}")
        self._runtime, self._engine, self._context = runtime, engine, engine.create_execution_context()
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        self._inputs = [name for name in names if engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT]
        self._outputs = [name for name in names if name not in self._inputs]
        self._buffers: dict[str, tuple[int, int]] = {}

    def __call__(self, arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        """One batch. Raises ExportError for names, types or batches that the engine does not take."""
        for name in self._inputs:
            self._give(name, arrays)
        found = {name: self._room(name) for name in self._outputs}
        if not self._context.execute_async_v3(self._device.stream):
            raise ExportError(f"the engine does not run: {self._said()}")
        for name, array in found.items():
            self._device.download(self._buffers[name][0], array)
        self._device.wait()
        return found

    def close(self) -> None:
        """Give the buffers back."""
        for address, _ in self._buffers.values():
            self._device.free(address)
        self._buffers.clear()

    def _give(self, name: str, arrays: Mapping[str, Array]) -> None:
        kind = self._kind(name)
        if name not in arrays or arrays[name].dtype != kind:
            raise ExportError(f"the engine's input {name} takes {kind}; give it as that")
        array = np.ascontiguousarray(arrays[name])
        if not self._context.set_input_shape(name, array.shape):
            raise ExportError(f"the engine does not take {name} of shape {array.shape}; its profile has other batches")
        self._context.set_tensor_address(name, self._buffer(name, array.nbytes))
        self._device.upload(array, self._buffers[name][0])

    def _room(self, name: str) -> Array:
        array: Array = np.empty(tuple(self._context.get_tensor_shape(name)), self._kind(name))
        self._context.set_tensor_address(name, self._buffer(name, array.nbytes))
        return array

    def _kind(self, name: str) -> Any:
        return np.dtype(self._trt.nptype(self._engine.get_tensor_dtype(name)))

    def _buffer(self, name: str, size: int) -> int:
        address, held = self._buffers.get(name, (0, 0))
        if held < size:
            if held:
                self._device.free(address)
            address = self._device.allocate(size)
            self._buffers[name] = address, size
        return address

    def _said(self) -> str:
        return "; ".join(tidy(text) for text in self._messages.errors) or "it gives no reason"
