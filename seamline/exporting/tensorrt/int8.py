"""Int8 at a known cost: calibrate on photos, leave the layers that lose most in float, and measure what is lost.

A network that costs more of the benchmark's mAP than is allowed leaves its report behind and nothing else.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path

import onnx

from seamline.core.errors import SeamlineError
from seamline.evaluation.photos import Options
from seamline.exporting.errors import ExportError, ExportRefused
from seamline.exporting.parity import finite
from seamline.exporting.tensorrt.calibration import inputs
from seamline.exporting.tensorrt.cost import Cost, cost
from seamline.exporting.tensorrt.files import write_bytes, write_text
from seamline.exporting.tensorrt.network import Network
from seamline.exporting.tensorrt.quantise import quantise
from seamline.exporting.tensorrt.sensitivity import Loss, losses, worst
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT


@dataclasses.dataclass(frozen=True)
class Int8Options:
    """`count` photos of `photos` are drawn by `seed` to calibrate on; the layers that make `float_share` of the noise,
    measured on the first `sensitivity_count` of them, stay in float; `most_map_loss` is how much mAP int8 may cost."""

    photos: Path
    count: int = 128
    seed: int = 0
    float_share: float = 0.5
    sensitivity_count: int = 8
    most_map_loss: float = 0.01


@dataclasses.dataclass(frozen=True)
class Int8Report:
    """What was done to a network and what it costs. `in_float`: the layers that were left alone, the worst first."""

    part: str
    photos: int
    layers: int
    in_float: tuple[Loss, ...]
    cost: Cost

    def text(self) -> str:
        """A few lines to read."""
        quantised = self.layers - len(self.in_float)
        return (
            f"{self.part}: {quantised} of {self.layers} convolutions in int8, calibrated on {self.photos} photos\n"
            f"  {self.cost.text()}"
        )

    def to_json(self) -> str:
        """For programs."""
        data = dataclasses.asdict(self) | {"loss": self.cost.loss}
        return json.dumps(finite(data), indent=2, allow_nan=False) + "\n"


def make(network: Network, weights: Weights, options: Int8Options, bench: Options, folder: Path) -> Int8Report:
    """Write FOLDER/<part>.onnx and FOLDER/<part>.int8.json. Raises ExportRefused where int8 costs too much, with the
    report alone left behind, and ExportError where there is nothing to calibrate or measure on."""
    part = network.known
    seen = inputs(part, options.photos, options.count, options.seed, weights)
    full = quantise(network.model, seen)
    if not full.layers:
        raise ExportError(f"{part.name} has no convolution that int8 is for; build it as it is")
    measured = losses(full, seen[: options.sensitivity_count])
    left = worst(measured, options.float_share)
    final = full.in_float(left).model
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / f"{part.name}.onnx"
        onnx.save(final, str(written))
        lost = cost(bench, weights, weights.with_network(part.name, written))
    report = Int8Report(part.name, len(seen), len(measured), tuple(one for one in measured if one.layer in left), lost)
    refusals = lost.refusals(options.most_map_loss)
    write_text(folder / f"{part.name}.int8.json", report.to_json())
    if refusals:
        raise ExportRefused("; ".join(refusals))
    write_bytes(folder / f"{part.name}.onnx", final.SerializeToString())
    return report


def weights_of(repository: Path, system: str = DEFAULT) -> Weights:
    """What a model repository serves of a system. Raises ExportError where a step is missing."""
    try:
        return Weights.of_repository(repository, system)
    except SeamlineError as error:
        raise ExportError(str(error)) from error
