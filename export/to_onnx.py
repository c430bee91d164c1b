"""Export trained networks to the ONNX files that the model repository serves.

    python export/to_onnx.py CHECKPOINT --part encoder|region_head|detector|all --out DIR [--photos FOLDER]

CHECKPOINT is the folder that training wrote: `encoder.pt` and `region_head.pt`, or `psnet.pt` in place of both, and
`detector.pt`. Each network becomes DIR/<part>.onnx: opset 17, one file, batch as the only free axis. The export is
refused when ONNX Runtime and PyTorch differ by more than the tolerance at batch 1, 2 or 5, on crops of real photos
where a folder is given.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnx.version_converter
import onnx_ir
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx_ir.passes import common as passes
from torch import nn

from seamline.garments import DEFAULT_SPEC
from seamline.image import crop_square, decode, letterbox
from seamline.net.checkpoint import load_encoder, load_psnet, load_region_head, load_state
from seamline.spec import REGIONS

OPSET = 17
_LARGEST_TENSOR = 2**31
_PSNET = "psnet.pt"
BATCHES = (1, 2, 5)
TOLERANCE = 2e-3
"""Largest difference allowed, relative to the largest value of an output: float32 sums in another order."""

Array = NDArray[np.generic]


class ExportRefused(Exception):
    """The exported graph does not do what the network does."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One network: how it is loaded from a checkpoint folder, its wire names, and inputs for the comparison."""

    load: Callable[[Path], nn.Module]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    samples: Callable[[int, Sequence[Path]], tuple[Array, ...]]


def _crops(count: int, photos: Sequence[Path]) -> tuple[Array, ...]:
    return (_pixels(count, photos, DEFAULT_SPEC.crop.side, whole=False),)


def _letterboxes(count: int, photos: Sequence[Path]) -> tuple[Array, ...]:
    return (_pixels(count, photos, DEFAULT_SPEC.detector.side, whole=True),)


def _pixels(count: int, photos: Sequence[Path], side: int, whole: bool) -> Array:
    if not photos:
        return np.random.default_rng(count).integers(0, 256, (count, side, side, 3), np.uint8)
    fill = DEFAULT_SPEC.photo.fill
    images = []
    for index in range(count):
        rgb = decode(photos[index % len(photos)].read_bytes()).rgb
        box = (0, 0, rgb.shape[1], rgb.shape[0])
        image = letterbox(rgb, side, fill)[0] if whole else crop_square(rgb, box, side, 0.0, fill)[0]
        images.append(image)
    return np.stack(images)


def _regions(count: int, photos: Sequence[Path]) -> tuple[Array, ...]:
    """Random maps: the head sees no pixels. The last region is absent."""
    random = np.random.default_rng(count)
    encoder = DEFAULT_SPEC.encoder
    shape = (count, len(REGIONS), encoder.channels, encoder.pool_size, encoder.pool_size)
    visible = np.ones((count, len(REGIONS)), np.float32)
    visible[:, -1] = 0
    return random.standard_normal(shape).astype(np.float32), visible


def _load_encoder(folder: Path) -> nn.Module:
    if not _holds_psnet(folder):
        return load_encoder(folder / "encoder.pt")
    from seamline.net.psnet.serving import ServedEncoder

    return ServedEncoder(load_psnet(folder / _PSNET))


def _load_region_head(folder: Path) -> nn.Module:
    if not _holds_psnet(folder):
        return load_region_head(folder / "region_head.pt")
    from seamline.net.psnet.serving import ServedHead

    return ServedHead(load_psnet(folder / _PSNET))


def _holds_psnet(folder: Path) -> bool:
    other = folder / "encoder.pt"
    if (folder / _PSNET).is_file() and other.is_file():
        raise ExportRefused(f"{folder} holds both {_PSNET} and {other.name}: which one is to be served?")
    return (folder / _PSNET).is_file()


def _load_detector(folder: Path) -> nn.Module:
    from seamline.net.detector import Detector, DetectorForExport

    detector = Detector()
    detector.load_state_dict(load_state(folder / "detector.pt"))
    return DetectorForExport(detector)


PARTS = {
    "encoder": Part(_load_encoder, ("CROPS",), ("FEATURES", "CROP_LANDMARKS"), _crops),
    "region_head": Part(_load_region_head, ("REGION_FEATURES", "REGION_VISIBLE"), ("EMBEDDING",), _regions),
    "detector": Part(_load_detector, ("DETECTOR_INPUT",), ("DETECTOR_BOXES", "DETECTOR_SCORES"), _letterboxes),
}


def export(network: nn.Module, part: Part, path: Path, photos: Sequence[Path]) -> None:
    """Write `network` as ONNX to `path` after checking it. Raises ExportRefused and leaves no file otherwise."""
    unchecked = path.with_suffix(".unchecked")
    try:
        onnx.save(_graph(network.eval(), part, photos), str(unchecked))
        for batch in BATCHES:
            _compare(network, unchecked, part, part.samples(batch, photos))
        unchecked.replace(path)
    finally:
        unchecked.unlink(missing_ok=True)


def _graph(network: nn.Module, part: Part, photos: Sequence[Path]) -> onnx.ModelProto:
    """The exporter folds constants and paddings best at opset 18, of which the networks use nothing that 17 lacks."""
    examples = tuple(torch.from_numpy(array) for array in part.samples(2, photos))
    batch = torch.export.Dim("batch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            examples,
            opset_version=OPSET + 1,
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_shapes=tuple({0: batch} for _ in examples),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ExportRefused("PyTorch's exporter returned nothing")
    graph = _to_opset(_shared(program.model_proto))
    onnx.checker.check_model(graph, full_check=True)
    onnx.shape_inference.infer_shapes(graph, strict_mode=True, data_prop=True)
    return graph


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


def _to_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model at OPSET, without the exporter's notes (they hold paths of the machine)."""
    model = onnx.version_converter.convert_version(model, OPSET)
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


def _compare(network: nn.Module, path: Path, part: Part, arrays: tuple[Array, ...]) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, dict(zip(part.inputs, arrays, strict=True)))
    with torch.inference_mode():
        wanted = network(*(torch.from_numpy(array) for array in arrays))
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    for name, a, b in zip(part.outputs, found, wanted, strict=True):
        difference = float(np.abs(a - b.numpy()).max() / max(float(b.abs().max()), 1e-6))
        if not difference <= TOLERANCE:
            raise ExportRefused(f"{name} differs from PyTorch by {difference:.2g} at batch {len(arrays[0])}")


def _photos(folder: Path | None, count: int = 5) -> list[Path]:
    found = [] if folder is None else sorted(folder.rglob("*.jpg"))
    return found[:: max(1, len(found) // count)][:count]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Export trained networks to ONNX.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--part", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=Path, help="photos to compare on; random pixels without it")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    photos = _photos(options.photos)
    for name in PARTS if options.part == "all" else [options.part]:
        path = options.out / f"{name}.onnx"
        try:
            export(PARTS[name].load(options.checkpoint), PARTS[name], path, photos)
        except ExportRefused as refusal:
            print(f"{name}: {refusal}", file=sys.stderr)
            return 1
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
