"""What an engine computes and how fast, against ONNX Runtime on the same inputs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from seamline.exporting.networks import onnx_run
from seamline.exporting.parity import BATCHES, FP16, FP32, Comparison, Tolerance, compare, finite
from seamline.exporting.tensorrt import latency
from seamline.exporting.tensorrt.latency import Timing, timed
from seamline.exporting.tensorrt.network import Network
from seamline.exporting.tensorrt.precision import Precision
from seamline.exporting.tensorrt.profile import Profile
from seamline.systems.base import Run

TOLERANCES: dict[Precision, Tolerance | None] = {"fp32": FP32, "fp16": FP16, "bf16": FP16, "int8": None}
"""What an engine may differ by from the ONNX file that it was made of. Int8 is judged by what it costs in mAP."""

_GPU = "CUDAExecutionProvider"


@dataclasses.dataclass(frozen=True)
class Measured:
    """An engine beside the ONNX file that it was made of."""

    comparison: Comparison
    timings: tuple[Timing, ...]
    refusals: tuple[str, ...]

    def text(self) -> str:
        """The differences and the latency table."""
        return f"{self.comparison.text()}\n{latency.table(self.timings)}"

    def to_json(self) -> str:
        """For programs."""
        timings = [dataclasses.asdict(timing) for timing in self.timings]
        data = {"comparison": self.comparison.to_data(), "timings": timings, "refusals": self.refusals}
        return json.dumps(finite(data), indent=2, allow_nan=False) + "\n"


def measure(
    engine: Run, name: str, network: Network, precision: Precision, photos: Sequence[Path], calls: int = 50
) -> Measured:
    """Compare with the ONNX file on the CPU, and time against ONNX Runtime where it is fastest here.

    `name` is the engine's in the table of latencies, of which each is the median of `calls`.
    """
    part, source, profile = network.known, network.source, network.profile
    found = compare(part, onnx_run(source), engine, photos, _within(profile, BATCHES))
    tolerance = TOLERANCES[precision]
    refusals = found.refusals(tolerance) if tolerance else []
    batches = _within(profile, latency.BATCHES)
    timings = [
        *timed(name, engine, part, photos, batches, calls),
        *timed(*fastest(source), part, photos, batches, calls),
    ]
    return Measured(found, tuple(timings), tuple(refusals))


def fastest(source: Path) -> tuple[str, Run]:
    """ONNX Runtime on the GPU where it has one, else on the CPU, with its name."""
    if _GPU not in onnxruntime.get_available_providers():
        return "ONNX Runtime CPU", onnx_run(source)
    session = onnxruntime.InferenceSession(str(source), providers=[_GPU])
    names = [output.name for output in session.get_outputs()]
    return "ONNX Runtime CUDA", lambda arrays: dict(zip(names, session.run(names, dict(arrays)), strict=True))


def _within(profile: Profile, batches: Sequence[int]) -> list[int]:
    inside = [batch for batch in batches if profile.least <= batch <= profile.most]
    return inside or [profile.best]
