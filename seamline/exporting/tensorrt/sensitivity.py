"""Which layers lose most in int8, measured one at a time: the network in float32 but for that layer.

onnxruntime's `qdq_loss_debug` ranks tensors by their own rounding error, which says little of what becomes of it in the
outputs; docs/tensorrt.md compares the two.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime

from seamline.evaluation.cache import tracked
from seamline.exporting.networks import Array
from seamline.exporting.tensorrt.quantise import Quantised
from seamline.systems.base import Run

Inputs = Sequence[Mapping[str, Array]]


@dataclasses.dataclass(frozen=True)
class Loss:
    """What one layer in int8 does to the outputs: noise as a share of each output's variance, summed."""

    layer: str
    noise: float


def losses(quantised: Quantised, inputs: Inputs) -> list[Loss]:
    """Of every int8 layer, the worst first."""
    wanted = _outputs(_run(quantised.original), inputs)
    layers = quantised.layers
    found = []
    for layer in tracked("layers in int8, one by one", layers, len(layers)):
        alone = quantised.in_float(name for name in layers if name != layer)
        found.append(Loss(layer, _noise(wanted, _outputs(_run(alone.model), inputs))))
    return sorted(found, key=lambda loss: -loss.noise)


def worst(found: Sequence[Loss], share: float) -> list[str]:
    """The fewest layers that make that share of the noise of all."""
    total, gone, names = sum(loss.noise for loss in found), 0.0, []
    for loss in found:
        if gone >= share * total:
            break
        gone += loss.noise
        names.append(loss.layer)
    return names


def _outputs(run: Run, inputs: Inputs) -> dict[str, Array]:
    answers = [run(arrays) for arrays in inputs]
    return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}


def _noise(wanted: Mapping[str, Array], found: Mapping[str, Array]) -> float:
    """Summed over the outputs, the middle row of each: a landmark that jumps in one crop would hide everything else."""
    return sum(_middle_row(array.astype(np.float64), found[name].astype(np.float64)) for name, array in wanted.items())


def _middle_row(wanted: Array, found: Array) -> float:
    errors = np.square(found - wanted).reshape(len(wanted), -1).mean(1)
    return float(np.median(errors) / max(float(wanted.var()), 1e-12))


def _run(model: onnx.ModelProto) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda arrays: dict(zip(names, session.run(names, dict(arrays)), strict=True))
