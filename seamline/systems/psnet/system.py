"""PS-Net's description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.spec import Spec
from seamline.systems.base import System
from seamline.systems.psnet.spec import PSNetSpec
from seamline.systems.psnet.steps import region_steps

if TYPE_CHECKING:
    from seamline.exporting.parts import Part
    from seamline.serving.local_pipeline import CropEmbedder


def _spec() -> Spec:
    from seamline.systems.psnet.region_rules import DEFAULT_SPEC

    return DEFAULT_SPEC


def _networks() -> Sequence[Part]:
    from seamline.exporting.parts import PARTS

    return [PARTS["encoder"], PARTS["region_head"]]


def _embedder(networks: Mapping[str, Path], spec: Spec, threads: int) -> CropEmbedder:
    from seamline.systems.psnet.embedder import PSNetEmbedder

    return PSNetEmbedder(networks, spec, threads)


SYSTEM = System(
    name="psnet",
    paper="Lang et al., CVPR 2020 (PS-Net)",
    summary="Two branches with landmark attention; five regions by RoIAlign, mean and linear layer; triplets.",
    spec=_spec,
    spec_type=PSNetSpec,
    tasks={"psnet": "seamline.systems.psnet.task"},
    networks=_networks,
    embedder=_embedder,
    steps=region_steps("psnet_"),
)
