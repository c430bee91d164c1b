"""From crops to region vectors through encoder, region pooling and region head, whatever each network runs on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from seamline.core.spec import CATEGORIES, Spec
from seamline.exporting.parity import BATCHES, Comparison, Gathered, rotated
from seamline.exporting.parts import PARTS, Array, Run
from seamline.serving.step import Setting
from seamline.systems.psnet.region_pool import RegionPool, head_inputs
from seamline.systems.psnet.spec import PSNetSpec

NAME = "encoder to region_head"

OUTPUTS = ("LANDMARKS", "PART_BOXES", "PART_VISIBLE", "EMBEDDING")


@dataclasses.dataclass(frozen=True)
class Chain:
    """Two networks and the served step between them."""

    encoder: Run
    region_head: Run
    spec: Spec

    def describe(self, crops: Array, squares: Array, categories: Sequence[str]) -> Mapping[str, Array]:
        """uint8 crops (n, side, side, 3), their squares (n, 4) in the photo, and n categories -> OUTPUTS, as `embed`
        answers them."""
        return self._pooled(self.encoder({"CROPS": crops}), squares, categories)

    def describe_by_all_rules(self, crops: Array) -> Mapping[str, Array]:
        """OUTPUTS in crop pixels, each crop once by the region rules of every group of categories."""
        seen = self.encoder({"CROPS": crops})
        squares = np.tile(np.array([0, 0, 1, 1], np.float32) * self.spec.crop.side, (len(crops), 1))
        found = [self._pooled(seen, squares, [name] * len(crops)) for name in self._one_of_each_group()]
        return {name: np.concatenate([one[name] for one in found]) for name in OUTPUTS}

    def _pooled(self, seen: Mapping[str, Array], squares: Array, categories: Sequence[str]) -> Mapping[str, Array]:
        pooled = RegionPool(Setting(self.spec)).pool(seen, squares, categories)
        return {**pooled, **self.region_head(head_inputs(pooled))}

    def _one_of_each_group(self) -> list[str]:
        groups = PSNetSpec.of(self.spec).regions.group_of
        return list({groups.get(category, "sleeved"): category for category in CATEGORIES}.values())


def compare_chains(
    reference: Chain, candidate: Chain, photos: Sequence[Path], batches: Sequence[int] = BATCHES
) -> Comparison:
    """Run both chains on the same crops at each batch, by the region rules of every group of categories."""
    gathered, samples = Gathered(OUTPUTS), PARTS["encoder"].fitted(reference.spec).samples
    for place, batch in enumerate(batches):
        crops = samples(batch, rotated(photos, sum(batches[:place])))["CROPS"]
        gathered.add(batch, reference.describe_by_all_rules(crops), candidate.describe_by_all_rules(crops))
    return gathered.comparison(NAME, min(len(photos), sum(batches)), judged_by_outputs=False)
