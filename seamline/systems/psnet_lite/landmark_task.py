"""The landmark branch of the shipped encoder as a task of the training loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seamline.core.spec import LANDMARKS
from seamline.nn.backbone import freeze, keep_statistics, load_imagenet, normalise
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.systems.psnet_lite import landmark_training as landmarks
from seamline.systems.psnet_lite.landmark_training import (
    LandmarkTraining,
    landmark_losses,
    predict,
    sampling_weights,
    step_batch,
)
from seamline.training.crops import CropStore, build_store
from seamline.training.drawn import drawn_labels
from seamline.training.landmark_distance import mean_distance
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Batch
from seamline.training.tasks import TaskKind


@dataclasses.dataclass(frozen=True)
class LandmarkOptions:
    """The first `small_steps` steps use views of `small_side` pixels. `sigma`: spread of the target in heatmap
    cells. `drawn`: garments to draw besides the photos; they make up `drawn_share` of a batch."""

    batch: int = 16
    small_steps: int = 1500
    small_side: int = 160
    frozen_stages: int = 3
    sigma: float = 1.3
    least_trust: float = 0.15
    develop_trust: float = 0.9
    drawn: int = 780
    drawn_share: float = 0.2
    imagenet: bool = True


@dataclasses.dataclass(frozen=True)
class LandmarkBatch(Batch, landmarks.Batch):
    """The tensors of a step."""


class _Branch(LandmarkBranch):
    """Its backbone's batch norms keep their statistics in training too."""

    def train(self, mode: bool = True) -> _Branch:
        super().train(mode)
        keep_statistics(self.backbone)
        return self


class LandmarkTask:
    """Learns the landmarks of `store`'s crops; evaluated by their mean distance on those of `develop`."""

    def __init__(self, store: CropStore, develop: CropStore, options: LandmarkOptions, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.network: nn.Module = self._new_branch(options)
        self._store, self._develop = store, develop
        self._settings = LandmarkTraining(
            batch=options.batch, small_steps=options.small_steps, small_side=options.small_side, sigma=options.sigma,
            least_trust=options.least_trust, drawn_share=options.drawn_share, seed=seed,
        )  # fmt: skip
        self._weights = sampling_weights(store, self._settings)

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
        made = step_batch(self._store, self._weights, step, self._settings)
        return LandmarkBatch(**{field.name: getattr(made, field.name) for field in dataclasses.fields(made)})

    def loss(self, batch: LandmarkBatch) -> Mapping[str, Tensor]:
        """Cross-entropies of places, presence and foreground, and their sum."""
        pixels = normalise(batch.pixels).contiguous(memory_format=torch.channels_last)
        losses = landmark_losses(self.network(pixels), batch)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def evaluate(self) -> Mapping[str, float]:
        """Mean distance in diagonals of the garment's box."""
        assert isinstance(self.network, LandmarkBranch)
        return {"distance": mean_distance(predict(self.network, self._develop), self._develop)}

    def state(self) -> dict[str, Any]:
        """Nothing besides the weights changes."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Nothing to take over."""

    def finish(self, out: Path) -> None:
        """Write landmarks.pt, as `seamline.nn.checkpoint.load_landmarks` reads it."""
        assert isinstance(self.network, LandmarkBranch)
        save(self.network, out / "landmarks.pt")


def _build(sources: Sources, options: LandmarkOptions, seed: int) -> LandmarkTask:
    drawn = drawn_labels(sources.work / "drawn", options.drawn, seed) if options.drawn else []
    store = build_store([*sources.train(), *drawn], sources.photos, sources.labels, sources.work / "train")
    trusted = sources.develop(options.develop_trust)
    develop = build_store(trusted, sources.photos, sources.labels, sources.work / "develop")
    return LandmarkTask(store, develop, options, seed)


KIND = TaskKind(
    LandmarkOptions(),
    LoopSettings(
        steps=2200, optimiser="adamw", rate=2e-3, schedule="cosine", warm_up=200, clip=5.0, ema=0.998,
        evaluate_every=200, groups={"backbone": GroupSettings(rate=4e-4)},
    ),
    _build,
)  # fmt: skip
