"""From a PyTorch network to an ONNX graph: named axes, shared computations, nothing but standard operators."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import onnx.version_converter
import onnx_ir
import torch
from onnx_ir.passes import common as passes
from torch import nn

from seamline.exporting.errors import ExportRefused
from seamline.exporting.operators import check_operators
from seamline.exporting.tensorrt.portable import portable
from seamline.systems.base import ExportedNetwork

OPSETS = (17, 18, 19, 20, 21)
"""Those that all three networks were checked and compared at."""

DEFAULT_OPSET = OPSETS[0]
"""The oldest, which the most servers read."""

_TRACED_FROM = 18
_LARGEST_TENSOR = 2**31


@dataclasses.dataclass(frozen=True)
class Traced:
    """An ONNX graph and the PyTorch program that it was made from; the graph's values keep the program's names."""

    model: onnx.ModelProto
    program: torch.export.ExportedProgram


def check_opset(opset: int) -> int:
    """The opset itself. Raises ExportRefused for one that was not tried."""
    if opset not in OPSETS:
        raise ExportRefused(f"opset {opset} is not among {', '.join(map(str, OPSETS))}; choose one of them")
    return opset


def traced(
    network: nn.Module, exported: ExportedNetwork, opset: int = DEFAULT_OPSET, photos: Sequence[Path] = ()
) -> Traced:
    """Trace a network, check the graph, and infer all its shapes. Raises ExportRefused.

    The exporter folds constants and paddings best from opset 18 on; a graph for opset 17 is converted from there.
    """
    program = _program(network.eval(), exported, max(check_opset(opset), _TRACED_FROM), photos)
    if program is None or program.exported_program is None:
        raise ExportRefused(f"PyTorch's exporter returned nothing for {exported.name}")
    model = portable(_plain(onnx.version_converter.convert_version(_shared(program.model_proto), opset)))
    check(model)
    return Traced(model, program.exported_program)


def check(model: onnx.ModelProto) -> None:
    """onnx's own checks and strict shape inference. Raises ExportRefused where they fail or an operator is not
    allowed."""
    check_operators(model)
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportRefused(f"the exported graph is not valid ONNX: {str(error).splitlines()[0]}") from error


def _program(
    network: nn.Module, exported: ExportedNetwork, opset: int, photos: Sequence[Path]
) -> torch.onnx.ONNXProgram | None:
    samples = exported.samples(2, photos)
    examples = tuple(torch.from_numpy(samples[name]) for name in exported.inputs)
    _check_runs(network, exported, examples)
    batch = torch.export.Dim("batch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return torch.onnx.export(
                network, examples, opset_version=opset, input_names=list(exported.inputs),
                output_names=list(exported.outputs), dynamic_shapes=tuple({0: batch} for _ in examples), dynamo=True,
                verbose=False,
            )  # fmt: skip
        except torch.onnx.OnnxExporterError as error:
            raise ExportRefused(
                f"PyTorch cannot express {exported.name} in ONNX: {str(error).splitlines()[0]}"
            ) from error


def _check_runs(network: nn.Module, exported: ExportedNetwork, examples: Sequence[torch.Tensor]) -> None:
    try:
        with torch.inference_mode():
            network(*examples)
    except RuntimeError as error:
        shapes = ", ".join(f"{name} {tuple(one.shape)}" for name, one in zip(exported.inputs, examples, strict=True))
        reason = str(error).splitlines()[0]
        raise ExportRefused(f"{exported.name} does not take {shapes}, the sizes of its spec.json: {reason}") from error


def _shared(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with equal computations done once: the encoder's branches begin with the same frozen layers."""
    graph = onnx_ir.from_proto(model)
    for simplify in (
        passes.DeduplicateInitializersPass(size_limit=_LARGEST_TENSOR),
        passes.CommonSubexpressionEliminationPass(),
        passes.RemoveUnusedNodesPass(),
    ):
        graph = simplify(graph).model
    return onnx_ir.to_proto(graph)


def _plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the exporter's notes, which hold paths of the machine."""
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
        _drop(node, "noop_with_empty_axes")  # the converter leaves it behind; its default is what these nodes mean
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    return model


def _drop(node: onnx.NodeProto, name: str) -> None:
    if node.op_type.startswith("Reduce") and len(node.input) == 1:
        kept = [attribute for attribute in node.attribute if attribute.name != name]
        del node.attribute[:]
        node.attribute.extend(kept)
