"""All networks of a system in turn, whatever each of them runs on: what a caller of `embed` would see of a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seamline.core.garments import Embeddings, Pixels
from seamline.core.spec import Spec
from seamline.exporting.networks import Array
from seamline.exporting.parity import BATCHES, Comparison, Gathered, rotated
from seamline.exporting.samples import crops
from seamline.systems import system_named

if TYPE_CHECKING:
    from seamline.serving.local_pipeline import CropEmbedder

OUTPUTS = ("PART_BOXES", "PART_VISIBLE", "EMBEDDING")
LANDMARKS = "LANDMARKS"


def compare_pipelines(
    name: str, reference: CropEmbedder, candidate: CropEmbedder, spec: Spec, photos: Sequence[Path],
    batches: Sequence[int] = BATCHES,
) -> Comparison:  # fmt: skip
    """Embed the same crops at each batch with both, once as each kind of garment that the system tells apart; places
    are in crop pixels."""
    gathered = Gathered((LANDMARKS, *OUTPUTS) if spec.landmarks else OUTPUTS)
    for place, batch in enumerate(batches):
        pixels = crops(batch, rotated(photos, sum(batches[:place])), spec)["CROPS"]
        gathered.add(batch, *(_joined(_as_each_kind(one, pixels, spec)) for one in (reference, candidate)))
    return gathered.comparison(name, min(len(photos), sum(batches)), judged_by_outputs=False)


def _as_each_kind(embedder: CropEmbedder, pixels: Pixels, spec: Spec) -> Iterator[Embeddings]:
    squares = np.tile(np.array([0, 0, 1, 1, 0], np.float32) * spec.crop.side, (len(pixels), 1))
    own = system_named(spec.system).spec_type.of(spec)
    return (embedder.embed(pixels, squares, [category] * len(pixels)) for category in own.one_of_each_kind())


def _joined(several: Iterator[Embeddings]) -> Mapping[str, Array]:
    found = Embeddings.joined(list(several))
    boxes = np.nan_to_num(found.part_boxes)  # NaN where a part has no place
    outputs: dict[str, Array] = {"PART_BOXES": boxes, "PART_VISIBLE": found.part_visible, "EMBEDDING": found.vectors}
    return outputs if found.landmarks is None else {LANDMARKS: found.landmarks, **outputs}
