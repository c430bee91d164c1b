"""The tiny system's description."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.parts import WHOLE
from seamline.core.spec import ScoringSpec, Spec
from seamline.systems.base import System
from seamline.systems.one_network import OneNetworkEmbedder, one_network_steps

if TYPE_CHECKING:
    from torch import nn

    from seamline.systems.base import ExportedNetwork

DIMENSION = 16


def _spec() -> Spec:
    parts = dataclasses.replace(WHOLE, dimension=DIMENSION)
    return Spec("tiny", parts, ScoringSpec.of_parts(1), rankings=("global",))


def _networks(spec: Spec) -> Sequence[ExportedNetwork]:
    from seamline.exporting.networks import crops_network

    return [crops_network("tiny", spec, _load)]


def _load(folder: Path) -> nn.Module:
    from seamline.exporting.checkpoints import loaded
    from tests.systems.tiny_system.network import load_tiny

    return loaded(folder / "tiny.pt", "the tiny network", load_tiny)


SYSTEM = System(
    name="tiny",
    paper="none",
    summary="Three convolutions and one vector of the whole garment; triplets.",
    spec=_spec,
    spec_type=Spec,
    tasks={"tiny": "tests.systems.tiny_system.task"},
    networks=_networks,
    steps=one_network_steps("tiny"),
    embedder=OneNetworkEmbedder,
)
