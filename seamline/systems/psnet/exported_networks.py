"""The two graphs that serve a network with PS-Net's regions, and PS-Net's out of its checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import Spec
from seamline.exporting.checkpoints import loaded
from seamline.exporting.networks import crops_network
from seamline.systems.base import ExportedNetwork
from seamline.systems.psnet.spec import REGIONS, PSNetSpec

if TYPE_CHECKING:
    from torch import nn

Load = Callable[[Path], "nn.Module"]


def region_networks(
    spec: PSNetSpec, load_encoder: Load, load_head: Load, straight: Sequence[str] = ()
) -> Sequence[ExportedNetwork]:
    """encoder and region_head, each read from a folder of checkpoints; `straight`: as in `region_steps`."""
    return (
        crops_network("encoder", spec, load_encoder, ("FEATURES", "CROP_LANDMARKS", *straight)),
        ExportedNetwork(
            "region_head", ("REGION_FEATURES", "REGION_VISIBLE", *straight), ("EMBEDDING",), load_head,
            partial(region_samples, spec=spec, straight=straight), sees_photos=False,
        ),
    )  # fmt: skip


def psnet_networks(spec: Spec) -> Sequence[ExportedNetwork]:
    """PS-Net's."""
    return region_networks(PSNetSpec.of(spec), _load_encoder, _load_head)


def region_samples(
    batch: int, photos: Sequence[Path], spec: PSNetSpec, straight: Sequence[str] = ()
) -> Mapping[str, NDArray[Any]]:
    """REGION_FEATURES [batch,5,C,P,P] and REGION_VISIBLE [batch,5]: random maps whose last region is absent; and what
    comes `straight` from the encoder, random too.

    The head sees no pixels; real maps need an encoder, and all of the system is compared on them.
    """
    random = np.random.default_rng(batch)
    shape = (batch, len(REGIONS), spec.encoder.channels, spec.encoder.pool_size, spec.encoder.pool_size)
    visible = np.ones((batch, len(REGIONS)), np.float32)
    visible[:, -1] = 0
    sizes = {"REGION_FEATURES": shape, **{name: (batch, *spec.own_tensors()[name]) for name in straight}}
    drawn = {name: random.standard_normal(size).astype(np.float32) for name, size in sizes.items()}
    return {**drawn, "REGION_VISIBLE": visible}


def _load_encoder(folder: Path) -> nn.Module:
    from seamline.systems.psnet.network import ServedEncoder, load_psnet

    return loaded(folder / "psnet.pt", "PS-Net", lambda path: ServedEncoder(load_psnet(path)))


def _load_head(folder: Path) -> nn.Module:
    from seamline.systems.psnet.network import ServedHead, load_psnet

    return loaded(folder / "psnet.pt", "PS-Net", lambda path: ServedHead(load_psnet(path)))
