"""PS-Net's description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seamline.core.spec import Spec
from seamline.systems.base import System
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import true_region_boxes
from seamline.systems.psnet.spec import PSNetSpec
from seamline.systems.psnet.steps import PSNetEmbedder, region_steps

if TYPE_CHECKING:
    from seamline.systems.base import ExportedNetwork


def _networks(spec: Spec) -> Sequence[ExportedNetwork]:
    from seamline.systems.psnet.exported_networks import psnet_networks

    return psnet_networks(spec)


SYSTEM = System(
    name="psnet",
    paper="Lang et al., CVPR 2020 (PS-Net)",
    summary="Two branches with landmark attention; five regions by RoIAlign, mean and linear layer; triplets.",
    spec=lambda: DEFAULT_SPEC,
    spec_type=PSNetSpec,
    tasks={"psnet": "seamline.systems.psnet.task"},
    networks=_networks,
    embedder=PSNetEmbedder,
    true_part_boxes=true_region_boxes,
    steps=region_steps("psnet_"),
)
