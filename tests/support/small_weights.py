"""A model repository with networks of a few hundred bytes, for tests of installing weights.

Its networks answer constants of the right shapes; the marker changes a network's bytes and its answers.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from seamline.core.spec import CropSpec, DetectorSpec, Spec
from seamline.systems.psnet.spec import EncoderSpec, PSNetSpec
from seamline.systems.psnet_lite.spec import GridSpec, default_spec, lite_parts

Dims = tuple[int, ...]
Tensors = Mapping[str, Dims]

SMALL = dataclasses.replace(
    default_spec(),
    parts=lite_parts(3),
    crop=CropSpec(side=8),
    detector=DetectorSpec(side=8),
    encoder=EncoderSpec(channels=2, map_side=4, pool_size=2, dimension=3),
    grid=GridSpec(channels=2),
)
K = len(SMALL.landmarks)
P = len(SMALL.parts)
R = len(SMALL.parts.regions)
INPUTS: Mapping[str, Tensors] = {
    "detector": {"DETECTOR_INPUT": (8, 8, 3)},
    "encoder": {"CROPS": (8, 8, 3)},
    "region_head": {"REGION_FEATURES": (R, 2, 2, 2), "REGION_VISIBLE": (R,), "GRID": (2, 3, 2)},
}
OUTPUTS: Mapping[str, Tensors] = {
    "detector": {"DETECTOR_BOXES": (6, 4), "DETECTOR_SCORES": (6, 13), "DETECTOR_DIRECTIONS": (6, 2)},
    "encoder": {"FEATURES": (2, 4, 4), "CROP_LANDMARKS": (K, 3), "GRID": (2, 3, 2)},
    "region_head": {"EMBEDDING": (P, 3)},
}
NETWORKS = tuple(INPUTS)
PYTHON = ("crop", "trim")
STEPS = tuple(sorted((*NETWORKS, *PYTHON)))
_PIXELS = ("DETECTOR_INPUT", "CROPS")


def network(name: str, marker: float = 0.0, ballast: int = 0, **outputs: Dims) -> bytes:
    """The ONNX file of a network; `outputs` replaces dimensions, `ballast` adds so many bytes."""
    shapes = {**OUTPUTS[name], **outputs}
    nodes = [
        helper.make_node("Cast", [next(iter(INPUTS[name]))], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["number"], ["flat"], axis=1),
        helper.make_node("ReduceMin", ["flat"], ["least"], axes=[1], keepdims=0),
        helper.make_node("Sub", ["least", "least"], ["zero"]),
    ]
    constants = [numpy_helper.from_array(np.zeros(ballast, np.uint8), "ballast")]
    for tensor, dims in shapes.items():
        ones = np.array([-1, *[1] * len(dims)], np.int64)
        constants += [
            numpy_helper.from_array(ones, f"{tensor}_ones"),
            numpy_helper.from_array(np.full((1, *dims), 1.0 + marker, np.float32), f"{tensor}_value"),
        ]
        nodes += [
            helper.make_node("Reshape", ["zero", f"{tensor}_ones"], [f"{tensor}_zero"]),
            helper.make_node("Add", [f"{tensor}_zero", f"{tensor}_value"], [tensor]),
        ]
    graph = helper.make_graph(
        nodes,
        name,
        [_value(tensor, dims) for tensor, dims in INPUTS[name].items()],
        [_value(tensor, dims) for tensor, dims in shapes.items()],
        constants,
    )
    return onnx_bytes(graph)


def onnx_bytes(graph: onnx.GraphProto) -> bytes:
    """A graph as a file's bytes."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def write_repository(folder: Path) -> Path:
    """Make `model_repository` and `ensembles` below a folder, without any version; returns the former."""
    repository = folder / "model_repository"
    for name in NETWORKS:
        _write(repository / name / "config.pbtxt", config(name, 'backend: "onnxruntime"', INPUTS[name], OUTPUTS[name]))
    _write(
        repository / "encoder" / "configs" / "gpu_trt.pbtxt",
        config(
            "encoder",
            'platform: "tensorrt_plan"\ndefault_model_filename: "model.plan"',
            INPUTS["encoder"],
            OUTPUTS["encoder"],
        ),
    )
    for name in PYTHON:
        _write(
            repository / name / "config.pbtxt",
            f'name: "{name}"\nbackend: "python"\n'
            f'input [{{ name: "HEAD_EMBEDDING" data_type: TYPE_FP32 dims: [ -1, {P}, {SMALL.parts.dimension} ] }}]\n',
        )
        _write(repository / name / "1" / "model.py", f'"""{name}"""\n')
    _write(
        folder / "ensembles" / "embed" / "config.pbtxt",
        'name: "embed"\nplatform: "ensemble"\n'
        f'output [{{ name: "EMBEDDING" data_type: TYPE_FP32 dims: [ -1, {P}, {SMALL.parts.dimension} ] }}]\n',
    )
    return repository


def write_weights(folder: Path, marker: float = 0.0, spec: Spec = SMALL, parts: Sequence[str] = NETWORKS) -> Path:
    """Make a folder of weights as an export does; returns it."""
    for name in parts:
        _write(folder / f"{name}.onnx", network(name, marker))
    _write(folder / "spec.json", spec.to_json())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too; not what Python compiles."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def config(name: str, head: str, inputs: Tensors, outputs: Tensors) -> str:
    """A network's config.pbtxt."""
    tensors = [
        f'{kind} [{{ name: "{tensor}" data_type: {_kind(tensor)} dims: {list(dims)} }}]\n'
        for kind, side in (("input", inputs), ("output", outputs))
        for tensor, dims in side.items()
    ]
    return f'name: "{name}"\n{head}\nmax_batch_size: 16\n' + "".join(tensors)


def _kind(tensor: str) -> str:
    return "TYPE_UINT8" if tensor in _PIXELS else "TYPE_FP32"


def _value(tensor: str, dims: Dims) -> onnx.ValueInfoProto:
    kind = TensorProto.UINT8 if tensor in _PIXELS else TensorProto.FLOAT
    return helper.make_tensor_value_info(tensor, kind, ["batch", *dims])


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def in_format_1(spec: PSNetSpec) -> dict[str, Any]:
    """A spec as it was before systems had names."""
    data = json.loads(spec.to_json())
    for name in ("system", "parts", "rankings"):
        del data[name]
    names = {"part_weights": "region_weights", "znorm_mean": "background_mean", "znorm_std": "background_std",
             "kept_above": "region_kept_above"}  # fmt: skip
    scoring = {names.get(name, name): value for name, value in data["scoring"].items()}
    return {**data, **data.pop("network"), "scoring": scoring, "format": 1}
