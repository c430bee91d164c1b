"""The training: two views of each garment, and the triplets of pytorch-metric-learning."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from pytorch_metric_learning import losses, miners  # type: ignore[import-untyped]
from torch import Tensor, nn

from seamline.nn.checkpoint import save
from seamline.training.augment import Augmentation, random_view
from seamline.training.crops import CropStore, build_store
from seamline.training.settings import LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Batch, Task
from seamline.training.tasks import TaskKind
from tests.systems.tiny_system.network import TinyConfig, TinyNetwork
from tests.systems.tiny_system.system import DIMENSION, SYSTEM

VIEWS = 2


@dataclasses.dataclass(frozen=True)
class TinyOptions:
    """`garments` of a batch, with two views each; `margin` of the triplets; `width` of the network."""

    garments: int = 8
    margin: float = 0.2
    width: int = 8


@dataclasses.dataclass(frozen=True)
class TinyBatch(Batch):
    """pixels uint8 [B,S,S,3] and garment [B]."""

    pixels: Tensor
    garment: Tensor


class TinyTask(Task[TinyBatch]):
    """A small network that learns to tell garments apart."""

    def __init__(self, learn: CropStore, validation: CropStore, options: TinyOptions, seed: int) -> None:
        torch.manual_seed(seed)
        self.network = TinyNetwork(TinyConfig(options.width, DIMENSION))
        self._learn, self._validation, self._options, self._seed = learn, validation, options, seed
        self._loss = losses.TripletMarginLoss(margin=options.margin)
        self._miner = miners.TripletMarginMiner(margin=options.margin, type_of_triplets="all")

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """All parameters as one group."""
        return {"all": list(self.network.parameters())}

    def batch(self, step: int) -> TinyBatch:
        """Two random views of some garments."""
        random = np.random.default_rng([self._seed, step])
        chosen = random.choice(len(self._learn), min(self._options.garments, len(self._learn)), replace=False)
        return _views(self._learn, [int(garment) for garment in chosen], random)

    def loss(self, batch: TinyBatch) -> Mapping[str, Tensor]:
        """Of the triplets that are too close."""
        vectors = self.network(batch.pixels)[:, 0]
        return {"loss": self._loss(vectors, batch.garment, self._miner(vectors, batch.garment))}

    def evaluate(self) -> Mapping[str, float]:
        """Share of the garments whose other view is the nearest."""
        batch = _views(self._validation, list(range(len(self._validation))), np.random.default_rng(self._seed))
        vectors = self.network(batch.pixels)[:, 0]
        similarity = vectors[::VIEWS] @ vectors[1::VIEWS].T
        return {"first": float((similarity.argmax(1) == torch.arange(len(similarity))).float().mean())}

    def finish(self, out: Path) -> None:
        """Write tiny.pt and spec.json."""
        save(self.network, out / "tiny.pt")
        (out / "spec.json").write_text(SYSTEM.spec().to_json(), encoding="utf-8")


def _views(store: CropStore, garments: Sequence[int], random: np.random.Generator) -> TinyBatch:
    side, settings = SYSTEM.spec().crop.side, Augmentation()
    pixels = [random_view(store, garment, side, settings, random).pixels for garment in garments for _ in range(VIEWS)]
    return TinyBatch(torch.from_numpy(np.stack(pixels)), torch.tensor(np.repeat(garments, VIEWS)))


def build(sources: Sources, options: TinyOptions, seed: int) -> TinyTask:
    """The task on the sources' photos."""
    learn, validation = (
        build_store(labels, sources.photos, sources.labels, sources.work / f"crops-{name}")
        for name, labels in (("train", sources.train()), ("validation", sources.validation()))
    )
    return TinyTask(learn, validation, options, seed)


KIND = TaskKind(TinyOptions(), LoopSettings(steps=200, rate=1e-3), build)
