"""The three networks that are exported: their wire names, how they are loaded, and inputs to compare them on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import Spec
from seamline.exporting import checkpoints, samples
from seamline.systems.psnet.region_rules import DEFAULT_SPEC

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[Any]

Run = Callable[[Mapping[str, Array]], Mapping[str, Array]]
"""One network: named inputs -> named outputs."""


class Samples(Protocol):
    """Inputs for a comparison, in the sizes that a spec names."""

    def __call__(self, batch: int, photos: Sequence[Path], spec: Spec = DEFAULT_SPEC) -> Mapping[str, Array]: ...


@dataclasses.dataclass(frozen=True)
class Part:
    """One network.

    `load(folder)` reads it from a checkpoint folder, in evaluation mode, and raises ExportRefused for what is not such
    a network; `samples(batch, photos)` are inputs for a comparison, of real photos unless there are none or the network
    takes none (`sees_photos`).
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    load: Callable[[Path], nn.Module]
    samples: Samples
    sees_photos: bool = True

    def fitted(self, spec: Spec) -> Part:
        """The part with samples in the sizes of a spec."""
        return dataclasses.replace(self, samples=partial(self.samples, spec=spec))


PARTS: Mapping[str, Part] = {
    "encoder": Part(
        "encoder", ("CROPS",), ("FEATURES", "CROP_LANDMARKS"), checkpoints.load_encoder, samples.crops,
    ),
    "region_head": Part(
        "region_head", ("REGION_FEATURES", "REGION_VISIBLE"), ("EMBEDDING",), checkpoints.load_region_head,
        samples.regions, sees_photos=False,
    ),
    "detector": Part(
        "detector", ("DETECTOR_INPUT",), ("DETECTOR_BOXES", "DETECTOR_SCORES"), checkpoints.load_detector,
        samples.letterboxes,
    ),
}  # fmt: skip
"""By name, in the order in which they are exported."""


def onnx_run(path: Path, threads: int = 1) -> Run:
    """An ONNX file through onnxruntime on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        return dict(zip(names, session.run(names, dict(arrays)), strict=True))

    return run


def torch_run(network: nn.Module, part: Part) -> Run:
    """A network through PyTorch, on as many threads as `torch.set_num_threads` says."""
    import torch

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        with torch.inference_mode():
            found = network(*(torch.from_numpy(np.ascontiguousarray(arrays[name])) for name in part.inputs))
        outputs = found if isinstance(found, tuple) else (found,)
        return {name: output.numpy() for name, output in zip(part.outputs, outputs, strict=True)}

    return run
