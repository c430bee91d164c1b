"""One ONNX file from the served ones: encoder, region boxes and pooling, region head."""

from __future__ import annotations

import warnings
from pathlib import Path

import onnx
import torch
from onnx import ModelProto, compose, version_converter

from seamline.core.spec import REGIONS, Spec
from seamline.evaluation.weights import Weights
from seamline.systems.psnet_lite.fused import FusedRegions

INPUTS = ("CROPS", "CATEGORY_NUMBER", "SQUARES")
OUTPUTS = ("LANDMARKS", "REGION_BOXES", "REGION_VISIBLE", "EMBEDDING")

_MIDDLE_INPUTS = ("FEATURES", "CROP_LANDMARKS", "CATEGORY_NUMBER", "SQUARES")
_MIDDLE_OUTPUTS = ("REGION_FEATURES", "LANDMARKS", "REGION_BOXES", "REGION_VISIBLE")
_EXPORTED_AT = 18
"""The lowest opset that PyTorch's exporter writes; the result is brought to that of the served files."""


def fuse(weights: Weights) -> ModelProto:
    """CROPS uint8 [B,S,S,3], CATEGORY_NUMBER int32 [B,1], SQUARES [B,4] -> OUTPUTS, from the networks of `weights`."""
    encoder, head = onnx.load(weights.encoder), onnx.load(weights.region_head)
    middle = version_converter.convert_version(middle_graph(weights.spec), encoder.opset_import[0].version)
    for part in (middle, head):
        part.ir_version = encoder.ir_version
    seen = compose.merge_models(
        encoder, compose.add_prefix(middle, "regions/", rename_inputs=False, rename_outputs=False),
        [(name, name) for name in _MIDDLE_INPUTS[:2]],
    )  # fmt: skip
    whole = compose.merge_models(
        seen, compose.add_prefix(head, "head/", rename_outputs=False),
        [(name, f"head/{name}") for name in ("REGION_FEATURES", "REGION_VISIBLE")], outputs=list(OUTPUTS),
    )  # fmt: skip
    onnx.checker.check_model(whole, full_check=True)
    return whole


def save(weights: Weights, path: Path) -> None:
    """Write the fused network of `weights`."""
    onnx.save(fuse(weights), str(path))


def middle_graph(spec: Spec) -> ModelProto:
    """`FusedRegions` as ONNX, with the batch as its only free axis."""
    batch = torch.export.Dim("batch")
    examples = _examples(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            FusedRegions(spec).eval(), examples, opset_version=_EXPORTED_AT, dynamo=True, verbose=False,
            input_names=list(_MIDDLE_INPUTS), output_names=list(_MIDDLE_OUTPUTS),
            dynamic_shapes=tuple({0: batch} for _ in examples),
        )  # fmt: skip
    if program is None:
        raise RuntimeError("PyTorch's exporter returned nothing")
    return program.model_proto


def _examples(spec: Spec) -> tuple[torch.Tensor, ...]:
    rows, cells = 2, spec.encoder.map_side
    return (
        torch.zeros(rows, spec.encoder.channels, cells, cells),
        torch.rand(rows, len(spec.landmarks), 3) * len(REGIONS),
        torch.zeros(rows, 1, dtype=torch.int32),
        torch.zeros(rows, 4),
    )
