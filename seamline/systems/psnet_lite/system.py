"""The shipped system's description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seamline.core.spec import Spec
from seamline.systems.base import Run, System
from seamline.systems.psnet.regions import true_region_boxes
from seamline.systems.psnet.steps import PSNetEmbedder, region_steps
from seamline.systems.psnet_lite.spec import GRID, PSNetLiteSpec, default_spec

if TYPE_CHECKING:
    from seamline.systems.base import ExportedNetwork


def _networks(spec: Spec) -> Sequence[ExportedNetwork]:
    from seamline.systems.psnet_lite.exported_networks import psnet_lite_networks

    return psnet_lite_networks(PSNetLiteSpec.of(spec))


def _embedder(networks: Mapping[str, Run], spec: Spec) -> PSNetEmbedder:
    return PSNetEmbedder(networks, spec, (GRID,))


SYSTEM = System(
    name="psnet_lite",
    paper="Lang et al., CVPR 2020 (PS-Net), on EfficientNet-Lite0",
    summary="PS-Net's five regions with zones in place of means and a linear discriminant as the head, and two "
    "parts of the whole garment beside them.",
    spec=default_spec,
    spec_type=PSNetLiteSpec,
    tasks={
        "psnet_lite_landmarks": "seamline.systems.psnet_lite.landmark_task",
        "psnet_lite": "seamline.systems.psnet_lite.task",
    },
    networks=_networks,
    embedder=_embedder,
    true_part_boxes=true_region_boxes,
    steps=region_steps(straight=(GRID,)),
)
