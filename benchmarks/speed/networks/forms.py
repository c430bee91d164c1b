"""Other forms of an ONNX file that onnxruntime runs on a processor."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnxruntime import quantization

from benchmarks.speed.networks.inputs import Rows
from seamline.exporting.tensorrt.quantise import Reader

_ALL = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
_LEVELS = {
    "any processor": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,  # no layouts of this one
    "optimised offline": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
}

_BODY = ("Conv", "Add", "Clip", "Relu")

Session = Any
"""onnxruntime's InferenceSession, for which it ships no types."""


@dataclasses.dataclass(frozen=True)
class Form:
    """A network ready to run: its file's bytes and the milliseconds that loading it took."""

    name: str
    session: Session
    size: int
    load: float


Make = Callable[[Path, Path, Rows], Path]
"""(served file, folder for new files, calibration rows) -> the file of a form."""


def served(file: Path, folder: Path, rows: Rows) -> Path:
    """The file as it is; onnxruntime optimises it at every load."""
    return file


def optimised(file: Path, folder: Path, rows: Rows) -> Path:
    """What onnxruntime makes of the graph for this very processor, saved."""
    path = folder / "optimised.onnx"
    options = _options(_ALL)
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return path


def dynamic_int8(file: Path, folder: Path, rows: Rows) -> Path:
    """Weights in int8 ahead of time, activations at run time."""
    path = folder / "dynamic.onnx"
    quantization.quantize_dynamic(_prepared(file, folder), path, per_channel=True)
    return path


def static_int8(file: Path, folder: Path, rows: Rows) -> Path:
    """Weights and activations in int8, ranges of the activations from the calibration rows (VNNI: uint8 by int8)."""
    return _calibrated(_prepared(file, folder), folder / "static.onnx", rows)


def body_int8(file: Path, folder: Path, rows: Rows) -> Path:
    """The same, but for convolutions that no other follows, and for all that is neither a convolution nor beside one:
    the numbers that a network says are not rounded to 256 steps."""
    prepared = _prepared(file, folder)
    options = {"nodes_to_exclude": last_convolutions(onnx.load(prepared)), "op_types_to_quantize": list(_BODY)}
    return _calibrated(prepared, folder / "body.onnx", rows, options)


def last_convolutions(model: onnx.ModelProto) -> list[str]:
    """Names of the convolutions from which no path leads to another."""
    followed: set[str] = set()
    last = []
    for node in reversed(model.graph.node):
        if node.op_type == "Conv" and not followed & set(node.output):
            last.append(node.name)
        if node.op_type == "Conv" or followed & set(node.output):
            followed |= set(node.input)
    return last


def _calibrated(file: Path, path: Path, rows: Rows, options: Mapping[str, Any] | None = None) -> Path:
    quantization.quantize_static(
        file, path, Reader(_one_by_one(rows)), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8, **(options or {}),
    )  # fmt: skip
    return path


FORMS: dict[str, Make] = {
    "served": served,
    "any processor": served,
    "optimised offline": optimised,
    "int8, dynamic": dynamic_int8,
    "int8, calibrated": static_int8,
    "int8, but the last": body_int8,
}


def load(name: str, file: Path, threads: int = 1) -> Form:
    """A form's file in a session, optimised as far as it is not yet and for as many processors as the form is for."""
    options = _options(_LEVELS.get(name, _ALL))
    options.intra_op_num_threads = threads
    start = time.process_time()
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return Form(name, session, file.stat().st_size, (time.process_time() - start) * 1000)


def bfloat16_refusal() -> str:
    """Why onnxruntime does not convolve in bfloat16 on this processor; empty where it does."""
    kind, shape = TensorProto.BFLOAT16, [1, 8, 8, 8]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])], "convolution",
        [helper.make_tensor_value_info("x", kind, shape), helper.make_tensor_value_info("w", kind, [8, 8, 1, 1])],
        [helper.make_tensor_value_info("y", kind, shape)],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), _options(_ALL), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exception classes share no public base
        return str(error).splitlines()[0]
    return ""


def _one_by_one(rows: Rows) -> Iterator[dict[str, Any]]:
    return ({name: array[index : index + 1] for name, array in rows.items()} for index in range(_count(rows)))


def _count(rows: Rows) -> int:
    return len(next(iter(rows.values())))


def _prepared(file: Path, folder: Path) -> Path:
    """The file with shapes inferred and constants folded, as the quantiser wants it."""
    path = folder / "prepared.onnx"
    if not path.exists():
        logging.getLogger().setLevel(logging.ERROR)
        quantization.shape_inference.quant_pre_process(str(file), str(path), skip_symbolic_shape=True)
        onnx.checker.check_model(str(path))
    return path


def _options(level: Any) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.graph_optimization_level = level
    return options
