"""The constants of an ONNX file as tensors, by name and by what uses them: some lose their names in exporting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from torch import Tensor

from seamline.core.errors import NotFound

_BETWEEN = frozenset({"Reshape", "InstanceNormalization", "Gather"})
"""Operators that stand between a convolution or product and the constant that is taken in next."""


class OnnxWeights:
    """The constants of an ONNX file by name, and by what uses them. Raises NotFound for what it does not hold."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFound(f"there is no {path}; name the model.onnx of an exported network")
        graph = onnx.load(path).graph
        self.path = path
        self._values = {value.name: numpy_helper.to_array(value) for value in graph.initializer}
        self._nodes: list[NodeProto] = list(graph.node)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def tensor(self, name: str) -> Tensor:
        """A constant by its name, as float32 where it is of real numbers."""
        if name not in self._values:
            raise NotFound(f"{self.path} holds no {name}; it is another network's file, or another version's")
        return _tensor(self._values[name])

    def kernel_beside(self, bias: str) -> Tensor:
        """The other constant of the convolution that adds the bias of this name."""
        for node in self._nodes:
            if node.op_type == "Conv" and len(node.input) == 3 and node.input[2] == bias:
                return self.tensor(node.input[1])
        raise NotFound(f"{self.path} has no convolution that adds {bias}")

    def projection(self, width: int) -> tuple[Tensor, Tensor]:
        """The kernel [N,width] of the convolution that stands for a product over so many numbers, and what is added."""
        for node in self._nodes:
            kernel = self._values.get(node.input[1]) if node.op_type == "Conv" else None
            if kernel is not None and kernel.ndim == 3 and kernel.shape[1] == width:
                return _tensor(kernel)[..., 0], self.after_node(node, "Add", node.input[1])[0]
        raise NotFound(f"{self.path} has no product over {width} numbers")

    def after(self, kernel: str, operator: str) -> tuple[Tensor, NodeProto]:
        """The constant with which an `operator` next takes in what the convolution by this kernel gives."""
        source = next((node for node in self._nodes if kernel in node.input), None)
        return self.after_node(source, operator, kernel)

    def after_node(self, source: NodeProto | None, operator: str, what: str) -> tuple[Tensor, NodeProto]:
        """As `after`, from a node; steps of a norm's are passed over."""
        reached = set() if source is None else set(source.output)
        for node in self._nodes:
            if not reached & set(node.input):
                continue
            constants = [name for name in node.input if name in self._values]
            if node.op_type == operator and constants:
                return self.tensor(constants[0]), node
            if node.op_type in _BETWEEN:
                reached |= set(node.output)
        raise NotFound(f"{self.path} has no {operator} with a constant after {what}")


def _tensor(values: NDArray[np.generic]) -> Tensor:
    real = np.issubdtype(values.dtype, np.floating)
    return torch.from_numpy(np.array(values, np.float32 if real else values.dtype))
