"""Put exported networks and their spec into a model repository.

    python export/install.py --weights DIR --model-repository model_repository

DIR holds any of detector.onnx, encoder.onnx and region_head.onnx, and optionally spec.json; what it lacks stays as the
repository has it. Nothing is touched unless the resulting set fits together: the wire's names, and shapes that the
spec gives. Each file is written beside its place and renamed, so that a running server never reads half a file.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx

from seamline.garments import DEFAULT_SPEC
from seamline.spec import CATEGORIES, REGIONS, Spec

NETWORKS = ("detector", "encoder", "region_head")
VERSION = "1"
_FINGERPRINT_DIGITS = 16

Shape = tuple[int | None, ...]
"""None where any size will do."""


class InstallRefused(Exception):
    """The files do not fit together; nothing was changed."""


def install(weights: Path, repository: Path) -> Spec:
    """Install what `weights` holds. Returns the spec as installed; raises InstallRefused and changes nothing
    otherwise."""
    networks = _gather(weights, repository)
    spec = _spec(weights, repository)
    for name, data in networks.items():
        check_network(name, data, spec)
    spec = dataclasses.replace(
        spec,
        fingerprint=_fingerprint(networks, ("encoder", "region_head"), spec.vector_numbers()),
        detector_fingerprint=_fingerprint(networks, ("detector",), ""),
    )
    for name, data in networks.items():
        _write(repository / name / VERSION / "model.onnx", data)
    for step in steps(repository):
        _write(step / VERSION / "spec.json", spec.to_json().encode())
    return spec


def steps(repository: Path) -> list[Path]:
    """The repository's steps; each one's version folder gets a copy of the spec."""
    return sorted(config.parent for config in repository.glob("*/config.pbtxt"))


def _gather(weights: Path, repository: Path) -> dict[str, bytes]:
    """The networks after the installation, by name."""
    networks = {}
    for name in NETWORKS:
        places = (weights / f"{name}.onnx", repository / name / VERSION / "model.onnx")
        found = next((place for place in places if place.is_file()), None)
        if found is not None:
            networks[name] = found.read_bytes()
    if not steps(repository):
        raise InstallRefused(f"{repository} is not a model repository: no step in it has a config.pbtxt")
    if not any((weights / f"{name}.onnx").is_file() for name in NETWORKS) and not (weights / "spec.json").is_file():
        raise InstallRefused(f"{weights} holds neither a network nor a spec.json")
    return networks


def _spec(weights: Path, repository: Path) -> Spec:
    for path in (weights / "spec.json", repository / "encoder" / VERSION / "spec.json"):
        if path.is_file():
            return Spec.from_json(path.read_text(encoding="utf-8"))
    return DEFAULT_SPEC


def check_network(name: str, data: bytes, spec: Spec) -> None:
    """Raise InstallRefused when the network's tensors are not those that the wire and the spec name."""
    graph = onnx.load_from_string(data).graph
    found = {value.name: _shape(value) for value in (*graph.input, *graph.output)}
    wanted = tensors(spec)[name]
    if set(found) != set(wanted):
        raise InstallRefused(f"{name}: has the tensors {sorted(found)}, but needs {sorted(wanted)}")
    for tensor, shape in wanted.items():
        if not _fits(found[tensor], shape):
            raise InstallRefused(f"{name}: {tensor} has the shape {found[tensor]}, but the spec asks for {shape}")


def tensors(spec: Spec) -> Mapping[str, Mapping[str, Shape]]:
    """Network -> tensor -> shape, None for the batch and for what the spec leaves open."""
    encoder, crop, detector = spec.encoder, spec.crop.side, spec.detector.side
    regions, pool = len(REGIONS), encoder.pool_size
    return {
        "detector": {
            "DETECTOR_INPUT": (None, detector, detector, 3),
            "DETECTOR_BOXES": (None, None, 4),
            "DETECTOR_SCORES": (None, None, len(CATEGORIES)),
        },
        "encoder": {
            "CROPS": (None, crop, crop, 3),
            "FEATURES": (None, encoder.channels, encoder.map_side, encoder.map_side),
            "CROP_LANDMARKS": (None, len(spec.landmarks), 3),
        },
        "region_head": {
            "REGION_FEATURES": (None, regions, encoder.channels, pool, pool),
            "REGION_VISIBLE": (None, regions),
            "EMBEDDING": (None, regions, encoder.dimension),
        },
    }


def _shape(value: onnx.ValueInfoProto) -> Shape:
    dimensions = value.type.tensor_type.shape.dim
    return tuple(d.dim_value if d.HasField("dim_value") else None for d in dimensions)


def _fits(found: Shape, wanted: Shape) -> bool:
    """The batch must be free; every other size that the network fixes must be as wanted."""
    same = all(have is None or want is None or have == want for have, want in zip(found[1:], wanted[1:], strict=False))
    return len(found) == len(wanted) and found[0] is None and same


def _fingerprint(networks: Mapping[str, bytes], names: Sequence[str], numbers: str) -> str:
    if any(name not in networks for name in names):
        return DEFAULT_SPEC.fingerprint
    digest = hashlib.sha256(numbers.encode())
    for name in names:
        digest.update(networks[name])
    return digest.hexdigest()[:_FINGERPRINT_DIGITS]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    os.replace(beside, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Install exported networks into a model repository.")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--model-repository", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        spec = install(options.weights, options.model_repository)
    except InstallRefused as refusal:
        print(f"nothing was installed: {refusal}", file=sys.stderr)
        return 1
    print(f"encoder {spec.fingerprint}, detector {spec.detector_fingerprint}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
