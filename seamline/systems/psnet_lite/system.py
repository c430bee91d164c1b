"""The shipped system's description."""

from __future__ import annotations

import dataclasses
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
    from seamline.systems.psnet_lite.exported_networks import psnet_lite_networks

    return psnet_lite_networks(spec)


SYSTEM = System(
    name="psnet_lite",
    paper="Lang et al., CVPR 2020 (PS-Net), on EfficientNet-Lite0",
    summary="PS-Net's five regions with zones in place of means and a linear discriminant as the head.",
    spec=lambda: dataclasses.replace(DEFAULT_SPEC, system="psnet_lite"),
    spec_type=PSNetSpec,
    tasks={
        "psnet_lite_landmarks": "seamline.systems.psnet_lite.landmark_task",
        "psnet_lite": "seamline.systems.psnet_lite.task",
    },
    networks=_networks,
    embedder=PSNetEmbedder,
    true_part_boxes=true_region_boxes,
    steps=region_steps(),
)
