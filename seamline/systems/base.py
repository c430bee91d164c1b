"""What a system is: everything that is one paper's own, in a folder of its own, behind one description.

Training, export, installation, evaluation, command line and benchmarks know `System` only, and never a system's name.
Importing a description imports no PyTorch; what needs it is imported when it is called.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import Spec

if TYPE_CHECKING:
    from torch import nn

    from seamline.ranking.rerank import PairScorer
    from seamline.serving.local_pipeline import CropEmbedder

Backend = Literal["onnxruntime", "python"]

Run = Callable[[Mapping[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]
"""One network, whatever it runs on: named inputs -> named outputs."""

Floats = NDArray[np.float32]
TruePartBoxes = Callable[[Floats, Floats, str, Spec], tuple[Floats, Floats]]
"""Box (4,), landmarks (K, 3), category, spec -> boxes (P, 4) in the photo's pixels and which parts have one (P,)."""


@dataclasses.dataclass(frozen=True)
class ExportedNetwork:
    """One network.

    `load(folder)` reads it from a checkpoint folder, in evaluation mode, and raises ExportRefused for what is not such
    a network; `samples(batch, photos)` are inputs for a comparison, of real photos unless there are none or the network
    takes none (`sees_photos`).
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    load: Callable[[Path], nn.Module]
    samples: Callable[[int, Sequence[Path]], Mapping[str, NDArray[Any]]]
    sees_photos: bool = True


@dataclasses.dataclass(frozen=True)
class ServedStep:
    """One step between `crop` and the last step of a system's ensembles.

    `name`: of its model. `inputs`, `outputs`: its tensor -> the ensemble's. `crops`, `squares`, `crop_category` and
    `count` come from `crop`; GIVEN_LANDMARKS, optional and for a step in Python, comes from the caller.
    `head_embedding` (m, P, D), `part_boxes` and `part_visible` must be among the outputs, and `part_corners` and
    `landmarks` may be, which the last step hands to the caller. `network`: the exported network that it runs; `model`:
    "module:Class" of a step in Python.
    """

    name: str
    backend: Backend
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    network: str = ""
    model: str = ""


@dataclasses.dataclass(frozen=True)
class System:
    """One system.

    `paper`: what it implements; `summary`: a sentence, with what deviates. `spec`: its numbers before training, of the
    type `spec_type`, which reads those that are its own. `tasks`: name of a training -> module whose KIND it is, in the
    order in which they are run. `networks(spec)`: what is exported of a folder of checkpoints, in order, of a spec of
    `spec_type`. `steps`: how they are served. `embedder(networks, spec)`: the same in this process, of network -> what
    runs it. `true_part_boxes`: where the parts lie on a garment whose landmarks are known, where they have a place.
    `rerank(folder)`: the re-ranker, whose files lie beside spec.json in the folder of its step `retrieve`; what it
    needs is imported when it is called, and PyTorch is not.
    """

    name: str
    paper: str
    summary: str
    spec: Callable[[], Spec]
    spec_type: type[Spec]
    tasks: Mapping[str, str]
    networks: Callable[[Any], Sequence[ExportedNetwork]]
    steps: tuple[ServedStep, ...]
    embedder: Callable[[Mapping[str, Run], Spec], CropEmbedder]
    true_part_boxes: TruePartBoxes | None = None
    rerank: Callable[[Path], PairScorer] | None = None
