"""The landmark branch of the shipped encoder as a task of the training loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seamline.core.spec import LANDMARKS, CropSpec
from seamline.data.flat_points import with_points_set_by_eye
from seamline.data.measured_photos import paired_photos
from seamline.nn.backbone import freeze, keep_statistics, load_imagenet, normalise
from seamline.nn.checkpoint import save
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig, decode
from seamline.systems.psnet_lite.absent_points import doubted_share, wrongly_judged
from seamline.systems.psnet_lite.landmark_batch import LandmarkBatch, landmark_losses
from seamline.systems.psnet_lite.landmark_options import LandmarkOptions
from seamline.systems.psnet_lite.landmark_start import check, is_folded, start_branch
from seamline.systems.psnet_lite.landmark_views import LandmarkCrops, sampling_weights, step_batch
from seamline.systems.psnet_lite.self_labels import self_labels
from seamline.systems.psnet_lite.worn import People, has_people, people
from seamline.training.augment import plain_view
from seamline.training.crops import PRESENT, UNSURE, CropStore, build_store
from seamline.training.drawn import drawn_labels
from seamline.training.measure import mean_distance
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Task
from seamline.training.tasks import TaskKind

_JUDGED = 0.05
"""What wrongly judged points count for in `error`, whose distances are so small."""


class _Branch(LandmarkBranch):
    """Its backbone's batch norms keep their statistics in training too, and all of them where it is `folded`."""

    folded = False

    def train(self, mode: bool = True) -> _Branch:
        super().train(mode)
        keep_statistics(self if self.folded else self.backbone)
        return self


class LandmarkTask(Task[LandmarkBatch]):
    """Learns the landmarks of crops; evaluated by their mean distance on those of `validation`, and on garments on
    people that are not learnt from."""

    network: LandmarkBranch

    def __init__(
        self,
        store: CropStore,
        validation: CropStore,
        options: LandmarkOptions,
        seed: int = 0,
        people: People | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.network = self._new_branch(options)
        self._crops = LandmarkCrops(store, sampling_weights(store, options), people)
        self._validation, self._options, self._seed = validation, options, seed
        self._known = np.zeros(0, np.int8) if people is None else people.street.garments.state
        self._start = start_branch(options.start).requires_grad_(False) if options.keep_foreground else None

    def _new_branch(self, options: LandmarkOptions) -> _Branch:
        branch = _Branch(LandmarkConfig(len(LANDMARKS)))
        if options.start:
            branch.load_state_dict(start_branch(options.start).state_dict())
            branch.folded = is_folded(options.start)
        elif options.imagenet:
            load_imagenet(branch.backbone)
        freeze(branch.backbone, options.frozen_stages)
        return branch.to(memory_format=torch.channels_last)

    @property
    def epoch_steps(self) -> int:
        """0 where nothing is made per epoch."""
        return self._options.epoch_steps if self._crops.people and self._options.self_labels_from >= 0 else 0

    def begin_epoch(self, epoch: int) -> None:
        """Label worn garments without points by the network as it is, except for what their kind tells."""
        if self._crops.people is not None and epoch >= self._options.self_labels_from:
            points, state = self_labels(self.network, self._crops.people.street.garments)
            self._put(points, np.where(self._known == UNSURE, state, self._known))

    def state(self) -> dict[str, Any]:
        """The network's own labels."""
        if not self.epoch_steps or self._crops.people is None:
            return {}
        street = self._crops.people.street.garments
        return {"points": torch.from_numpy(street.points), "state": torch.from_numpy(street.state)}

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` gave."""
        if state:
            self._put(state["points"].numpy(), state["state"].numpy())

    def _put(self, points: NDArray[np.float32], state: NDArray[np.int8]) -> None:
        if (people := self._crops.people) is not None:
            garments = dataclasses.replace(people.street.garments, points=points, state=state)
            street = dataclasses.replace(people.street, garments=garments)
            self._crops = dataclasses.replace(self._crops, people=dataclasses.replace(people, street=street))

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The backbone's trained stages, and the rest."""
        named = [(name, weight) for name, weight in self.network.named_parameters() if weight.requires_grad]
        return {
            "head": [weight for name, weight in named if not name.startswith("backbone.")],
            "backbone": [weight for name, weight in named if name.startswith("backbone.")],
        }

    def batch(self, step: int) -> LandmarkBatch:
        """Random views of the stored crops."""
        return step_batch(self._crops, step, self._options, self._seed)

    def loss(self, batch: LandmarkBatch) -> Mapping[str, Tensor]:
        """Cross-entropies of places, presence and foreground, and their sum."""
        pixels = normalise(batch.pixels).contiguous(memory_format=torch.channels_last)
        levels = self.network.backbone(pixels)
        if self._start is not None:
            start = self._start.to(pixels.device)
            kept = start.decoded(start.backbone(pixels) if levels[-1].requires_grad else levels)
            mask = torch.sigmoid(kept.foreground)
            batch = dataclasses.replace(batch, mask=mask, mask_weight=torch.ones_like(batch.mask_weight))
        losses = landmark_losses(self.network.decoded(levels), batch)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def evaluate(self) -> Mapping[str, float]:
        """Mean distance in diagonals of the garment's box; with people `flat distance`, `worn distance`, the mean of
        both as `distance`, and the shares of points that are `doubted`: absent ones, and `seen doubted`. `error` weighs
        all of them together."""
        flat, people = mean_distance(predict(self.network, self._validation), self._validation), self._crops.people
        if people is None or not len(people.development):
            return {"distance": flat, "error": flat}
        points, worn = predict(self.network, people.development), people.development
        distance = mean_distance(points, worn)
        return {
            "error": (flat + distance) / 2 + _JUDGED * wrongly_judged(points, worn),
            "distance": (flat + distance) / 2,
            "flat distance": flat,
            "worn distance": distance,
            "doubted": doubted_share(points, worn),
            "seen doubted": doubted_share(points, worn, PRESENT),
        }

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
    measured = paired_photos(sources.photos)
    labels = [label for label in sources.train() if label.photo not in measured]
    if options.flat_labels:
        labels = with_points_set_by_eye(labels, Path(options.flat_labels), sources.photos)
    store = build_store([*labels, *drawn], sources.photos, sources.labels, sources.work / "landmarks-train")
    trusted = [label for label in sources.validation(options.validation_trust) if label.photo not in measured]
    validation = build_store(trusted, sources.photos, sources.labels, sources.work / "landmarks-validation")
    if not options.people.marked or not has_people(sources.photos):
        return LandmarkTask(store, validation, options, seed)
    further = Path(options.further_labels) if options.further_labels else None
    return LandmarkTask(store, validation, options, seed, people(sources.photos, sources.work / "people", further))


KIND = TaskKind(
    LandmarkOptions(),
    LoopSettings(
        steps=2200, optimiser="adamw", rate=2e-3, schedule="cosine", last_rate=0.005, warm_up=200, clip=5.0, ema=0.998,
        evaluate_every=200, monitor="distance", mode="min", groups={"backbone": GroupSettings(rate=4e-4)},
    ),
    _build,
    check,
)  # fmt: skip
