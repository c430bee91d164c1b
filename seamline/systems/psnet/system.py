"""PS-Net's description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seamline.core.spec import Spec
from seamline.systems.base import Run, System
from seamline.systems.psnet.spec import PSNetSpec
from seamline.systems.psnet.steps import region_steps
from seamline.systems.psnet.true_regions import true_region_boxes

if TYPE_CHECKING:
    from seamline.exporting.networks import ExportedNetwork
    from seamline.serving.local_pipeline import CropEmbedder


def _spec() -> Spec:
    from seamline.systems.psnet.region_rules import DEFAULT_SPEC

    return DEFAULT_SPEC


def _networks(spec: Spec) -> Sequence[ExportedNetwork]:
    from seamline.systems.psnet.networks import psnet_networks

    return psnet_networks(spec)


def _embedder(networks: Mapping[str, Run], spec: Spec) -> CropEmbedder:
    from seamline.systems.psnet.embedder import PSNetEmbedder

    return PSNetEmbedder(networks, spec)


SYSTEM = System(
    name="psnet",
    paper="Lang et al., CVPR 2020 (PS-Net)",
    summary="Two branches with landmark attention; five regions by RoIAlign, mean and linear layer; triplets.",
    spec=_spec,
    spec_type=PSNetSpec,
    tasks={"psnet": "seamline.systems.psnet.task"},
    networks=_networks,
    embedder=_embedder,
    true_part_boxes=true_region_boxes,
    steps=region_steps("psnet_"),
)
