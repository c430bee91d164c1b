"""The landmark branch of the shipped encoder as a task of the training loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seamline.core.spec import LANDMARKS, CropSpec
from seamline.nn.backbone import freeze, keep_statistics, load_imagenet, normalise
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig, decode
from seamline.systems.psnet_lite.landmark_batch import (
    LandmarkBatch,
    LandmarkViews,
    landmark_losses,
    sampling_weights,
    step_batch,
)
from seamline.training.augment import plain_view
from seamline.training.crops import CropStore, build_store
from seamline.training.drawn import drawn_labels
from seamline.training.measure import mean_distance
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Task
from seamline.training.tasks import TaskKind


@dataclasses.dataclass(frozen=True)
class LandmarkOptions(LandmarkViews):
    """`frozen_stages` of the backbone are not trained. `drawn`: garments to draw besides the photos.
    `validation_trust`: labels that are evaluated on are trusted that far."""

    frozen_stages: int = 3
    validation_trust: float = 0.9
    drawn: int = 780
    imagenet: bool = True


class _Branch(LandmarkBranch):
    """Its backbone's batch norms keep their statistics in training too."""

    def train(self, mode: bool = True) -> _Branch:
        super().train(mode)
        keep_statistics(self.backbone)
        return self


class LandmarkTask(Task[LandmarkBatch]):
    """Learns the landmarks of `store`'s crops; evaluated by their mean distance on those of `validation`."""

    network: LandmarkBranch

    def __init__(self, store: CropStore, validation: CropStore, options: LandmarkOptions, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.network = self._new_branch(options)
        self._store, self._validation, self._options, self._seed = store, validation, options, seed
        self._weights = sampling_weights(store, options)

    def _new_branch(self, options: LandmarkOptions) -> _Branch:
        branch = _Branch(LandmarkConfig(len(LANDMARKS)))
        if options.imagenet:
            load_imagenet(branch.backbone)
        freeze(branch.backbone, options.frozen_stages)
        return branch.to(memory_format=torch.channels_last)

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The backbone's trained stages, and the rest."""
        named = [(name, weight) for name, weight in self.network.named_parameters() if weight.requires_grad]
        return {
            "head": [weight for name, weight in named if not name.startswith("backbone.")],
            "backbone": [weight for name, weight in named if name.startswith("backbone.")],
        }

    def batch(self, step: int) -> LandmarkBatch:
        """Random views of the stored crops."""
        return step_batch(self._store, self._weights, step, self._options, self._seed)

    def loss(self, batch: LandmarkBatch) -> Mapping[str, Tensor]:
        """Cross-entropies of places, presence and foreground, and their sum."""
        pixels = normalise(batch.pixels).contiguous(memory_format=torch.channels_last)
        losses = landmark_losses(self.network(pixels), batch)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def evaluate(self) -> Mapping[str, float]:
        """Mean distance in diagonals of the garment's box."""
        return {"distance": mean_distance(predict(self.network, self._validation), self._validation)}

    def finish(self, out: Path) -> None:
        """Write landmarks.pt, as `seamline.systems.psnet_lite.checkpoint.load_landmarks` reads it."""
        save(self.network, out / "landmarks.pt")


def predict(branch: LandmarkBranch, store: CropStore, batch: int = 16) -> NDArray[np.float32]:
    """Landmarks [N,K,3] in pixels of the crops as they are when serving."""
    device = next(branch.parameters()).device
    points = []
    with torch.inference_mode():
        for start in range(0, len(store), batch):
            views = [plain_view(store, i, CropSpec().side).pixels for i in range(start, min(start + batch, len(store)))]
            pixels = normalise(torch.from_numpy(np.stack(views)).to(device))
            maps = branch(pixels.contiguous(memory_format=torch.channels_last))
            points.append(decode(maps, branch.config.window).cpu().numpy())
    return np.concatenate(points)


def _build(sources: Sources, options: LandmarkOptions, seed: int) -> LandmarkTask:
    drawn = drawn_labels(sources.work / "drawn", options.drawn, seed) if options.drawn else []
    store = build_store([*sources.train(), *drawn], sources.photos, sources.labels, sources.work / "landmarks-train")
    trusted = sources.validation(options.validation_trust)
    validation = build_store(trusted, sources.photos, sources.labels, sources.work / "landmarks-validation")
    return LandmarkTask(store, validation, options, seed)


KIND = TaskKind(
    LandmarkOptions(),
    LoopSettings(
        steps=2200, optimiser="adamw", rate=2e-3, schedule="cosine", last_rate=0.005, warm_up=200, clip=5.0, ema=0.998,
        evaluate_every=200, monitor="distance", mode="min", groups={"backbone": GroupSettings(rate=4e-4)},
    ),
    _build,
)  # fmt: skip
