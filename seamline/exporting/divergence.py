"""Which layer is the first to compute something else than the network that was trained.

The exporter gives the graph's values the names of the PyTorch program's nodes, and simplifying and halving keep them;
so the two are compared value by value, in the graph's order. What an exported program itself does differently from the
network (because the network behaves differently when it is traced) is found by its modules' outputs.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import onnx
import onnxruntime
import torch
from onnx import TensorProto
from torch import nn

from seamline.exporting.networks import Array
from seamline.exporting.parity import Difference
from seamline.systems.base import ExportedNetwork

Values = Mapping[str, Array]

_COMPARED = (TensorProto.FLOAT, TensorProto.FLOAT16)


@dataclasses.dataclass(frozen=True)
class Divergence:
    """A layer's name, its operator, the module that it belongs to ("" where that is unknown), and by what share of its
    largest value it differs."""

    layer: str
    operator: str
    module: str
    relative: float

    def __str__(self) -> str:
        within = f" of {self.module}" if self.module else ""
        return f"{self.layer} ({self.operator}{within}), by {self.relative:.2g} of its largest value"


def first_divergence(
    network: nn.Module, program: torch.export.ExportedProgram, model: onnx.ModelProto, exported: ExportedNetwork,
    inputs: Values, tolerance: float,
) -> Divergence | None:  # fmt: skip
    """The first module of the traced program, or else the first node of the graph, that is off by more than
    `tolerance`; where none is, the one that is off the most. None where nothing could be compared."""
    run = _ProgramRun(program, exported, inputs)
    modules = list(_modules_apart(network, run, exported, inputs))
    early = _first(modules, tolerance)
    if early is not None and early.relative > tolerance:
        return early
    return _first([*_nodes_apart(run, model, inputs)], tolerance)


def graph_divergence(
    reference: onnx.ModelProto, candidate: onnx.ModelProto, inputs: Values, tolerance: float
) -> Divergence | None:
    """The same between two graphs of one network, such as a float32 one and its half-precision copy."""
    wanted, found = values_of(reference, inputs), values_of(candidate, inputs)
    apart = [_apart(node, name, wanted[name], found[name]) for node, name in _shared(candidate, wanted, found)]
    return _first(apart, tolerance)


def values_of(model: onnx.ModelProto, inputs: Values) -> Values:
    """Every float value that the graph's nodes compute, by name; the graph runs as written, without being fused."""
    exposed = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    known = {value.name: value for value in exposed.graph.value_info}
    there = {value.name for value in exposed.graph.output}
    inner = [known[name] for node in model.graph.node for name in node.output if name in known and name not in there]
    exposed.graph.output.extend(value for value in inner if value.type.tensor_type.elem_type in _COMPARED)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        exposed.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )  # fmt: skip
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


class _ProgramRun(torch.fx.Interpreter):
    """Runs an exported program and keeps what each of its nodes gives."""

    def __init__(self, program: torch.export.ExportedProgram, exported: ExportedNetwork, inputs: Values) -> None:
        super().__init__(program.module())
        self.values: dict[str, Array] = {}
        self.modules: dict[str, str] = {}
        """Node -> path of the module that it belongs to."""
        given = self.run(*(torch.from_numpy(inputs[name]) for name in exported.inputs))
        outputs = given if isinstance(given, tuple) else (given,)
        self.values |= {name: one.detach().numpy() for name, one in zip(exported.outputs, outputs, strict=True)}

    def run_node(self, n: torch.fx.Node) -> Any:
        with torch.inference_mode():
            value = super().run_node(n)
        if n.op == "call_function" and isinstance(value, torch.Tensor) and value.is_floating_point():
            self.values[n.name] = value.detach().numpy()
            self.modules[n.name] = _module_of(n)
        return value

    @property
    def outputs_of_modules(self) -> Mapping[str, Array]:
        """What the last node of each module gives, by the module's path, in the order in which they end."""
        last = {module: name for name, module in self.modules.items()}
        order = {name: place for place, name in enumerate(self.values)}
        return {module: self.values[name] for module, name in sorted(last.items(), key=lambda one: order[one[1]])}


def _module_of(node: torch.fx.Node) -> str:
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return str(stack[-1][0]) if stack else ""


def _modules_apart(
    network: nn.Module, run: _ProgramRun, exported: ExportedNetwork, inputs: Values
) -> Iterator[Divergence]:
    """Modules called once whose output the program gives too, with how far the two are apart."""
    wanted = _outputs_of_modules(network, exported, inputs)
    for module, value in run.outputs_of_modules.items():
        if module in wanted and wanted[module].shape == value.shape:
            kind = type(network.get_submodule(module)).__name__
            difference = Difference.of(module, 1, wanted[module], value)
            yield Divergence(module or "the whole network", kind, "", difference.relative)


def _outputs_of_modules(network: nn.Module, exported: ExportedNetwork, inputs: Values) -> Mapping[str, Array]:
    """What each module without modules of its own gives, and the network itself, where it gives one tensor."""
    found: dict[str, list[Array]] = {}

    def keep(name: str) -> Any:
        def hook(module: nn.Module, given: object, output: object) -> None:
            if isinstance(output, torch.Tensor) and output.is_floating_point():
                found.setdefault(name, []).append(output.detach().numpy().copy())  # a later layer may work in place

        return hook

    leaves = [(name, one) for name, one in network.named_modules() if not name or not list(one.children())]
    handles = [module.register_forward_hook(keep(name)) for name, module in leaves]
    try:
        with torch.inference_mode():
            network(*(torch.from_numpy(inputs[name]) for name in exported.inputs))
    finally:
        for handle in handles:
            handle.remove()
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _nodes_apart(run: _ProgramRun, model: onnx.ModelProto, inputs: Values) -> Iterator[Divergence]:
    found = values_of(model, inputs)
    for node, name in _shared(model, run.values, found):
        yield dataclasses.replace(_apart(node, name, run.values[name], found[name]), module=run.modules.get(name, ""))


def _shared(model: onnx.ModelProto, wanted: Values, found: Values) -> Iterator[tuple[onnx.NodeProto, str]]:
    """Nodes and values, in the graph's order, that both sides have in the same shape."""
    for node in model.graph.node:
        for name in node.output:
            if name in wanted and name in found and wanted[name].shape == found[name].shape:
                yield node, name


def _apart(node: onnx.NodeProto, name: str, wanted: Array, found: Array) -> Divergence:
    return Divergence(node.name or name, node.op_type, "", Difference.of(name, 1, wanted, found).relative)


def _first(apart: list[Divergence], tolerance: float) -> Divergence | None:
    over = [one for one in apart if not one.relative <= tolerance]
    if over:
        return over[0]
    return max(apart, key=lambda one: one.relative if math.isfinite(one.relative) else math.inf, default=None)
