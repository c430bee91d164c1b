"""The garment detector as a task of the training loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seamline.core.spec import PhotoSpec
from seamline.nn.checkpoint import save_state
from seamline.nn.detector import SIDE, Detector, DetectorForExport
from seamline.training.detector.album import Drawings, open_album
from seamline.training.detector.figures import average_precision, best_overlaps
from seamline.training.detector.measure import look_at
from seamline.training.detector.photos import LabelledPhoto, file_labels
from seamline.training.detector.scenes import Scenes, network_input
from seamline.training.detector.training import WEIGHTS, batch_of, freeze_depthwise, training_photos
from seamline.training.errors import BadConfig
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import DEVELOP, TRAIN, Sources
from seamline.training.task import Batch
from seamline.training.tasks import TaskKind


@dataclasses.dataclass(frozen=True)
class DetectorOptions:
    """`side` of the scenes in pixels, a multiple of 32. `drawn`: garments to draw besides the photos.
    `develop_photos`: how many are evaluated on."""

    batch: int = 16
    side: int = SIDE
    drawn: int = 1500
    develop_photos: int = 100
    imagenet: bool = True

    def __post_init__(self) -> None:
        if self.side % 32 or self.side < 32:
            raise ValueError(f"side must be a multiple of 32, not {self.side}")
        if self.batch < 1:
            raise ValueError("batch must be at least 1")


@dataclasses.dataclass(frozen=True)
class SceneBatch(Batch):
    """photos uint8 [B,side,side,3]; boxes [M,4] and labels [M] of all of them, `counts` of which belong to each."""

    photos: Tensor
    boxes: Tensor
    labels: Tensor
    counts: tuple[int, ...]

    def targets(self) -> list[dict[str, Tensor]]:
        """As torchvision wants them."""
        parts = zip(
            torch.split(self.boxes, list(self.counts)), torch.split(self.labels, list(self.counts)), strict=True
        )
        return [{"boxes": boxes, "labels": labels} for boxes, labels in parts]


class DetectorTask:
    """Learns from scenes; evaluated on labelled photos by the path that serving takes."""

    def __init__(
        self, scenes: Scenes, develop: Sequence[LabelledPhoto], options: DetectorOptions, seed: int = 0
    ) -> None:
        torch.manual_seed(seed)
        self.network = Detector(options.imagenet).to(memory_format=torch.channels_last)
        freeze_depthwise(self.network)
        self._scenes, self._develop, self._options, self._seed = scenes, develop, options, seed

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The backbone's trained stages, and the rest."""
        trained = [(name, weight) for name, weight in self.network.named_parameters() if weight.requires_grad]
        inside = [".backbone.backbone." in f".{name}" for name, _ in trained]
        return {
            "head": [weight for (_, weight), own in zip(trained, inside, strict=True) if not own],
            "backbone": [weight for (_, weight), own in zip(trained, inside, strict=True) if own],
        }

    def batch(self, step: int) -> SceneBatch:
        """Random scenes."""
        generators = [np.random.default_rng((self._seed, step, index)) for index in range(self._options.batch)]
        drawn = [self._scenes.draw(random) for random in generators]
        photos, targets = batch_of([network_input(scene, self._options.side, PhotoSpec().fill) for scene in drawn])
        boxes, labels = (torch.cat([target[name] for target in targets]) for name in ("boxes", "labels"))
        return SceneBatch(photos, boxes, labels, tuple(len(target["boxes"]) for target in targets))

    def loss(self, batch: SceneBatch) -> Mapping[str, Tensor]:
        """FCOS's three losses and their sum."""
        losses = self.network.loss(batch.photos, batch.targets())
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def evaluate(self) -> Mapping[str, float]:
        """AP50 of garments whatever their category, and the share of photos whose strongest box has its garment."""
        seen = look_at(self._outputs, self._develop)
        return {"AP50": average_precision(seen, 0.5), "found": float((best_overlaps(seen) >= 0.5).mean())}

    def _outputs(self, photos: Any) -> tuple[Any, Any]:
        device = next(self.network.parameters()).device
        boxes, scores = DetectorForExport(self.network)(torch.tensor(photos).to(device))
        return boxes.cpu().numpy(), scores.cpu().numpy()

    def state(self) -> dict[str, Any]:
        """Nothing besides the weights changes."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Nothing to take over."""

    def finish(self, out: Path) -> None:
        """Write detector.pt."""
        save_state(self.network.state_dict(), out / WEIGHTS)


def _build(sources: Sources, options: DetectorOptions, seed: int) -> DetectorTask:
    photos = training_photos(sources.photos, [sources.labels / TRAIN])
    develop = file_labels(sources.labels / DEVELOP, sources.photos)[: options.develop_photos]
    if not photos or not develop:
        raise BadConfig("labels: no photo with a trusted box to learn from, or none to evaluate on")
    album = open_album(photos, sources.work / "albums", Drawings(options.drawn, seed))
    return DetectorTask(Scenes(album), develop, options, seed)


KIND = TaskKind(
    DetectorOptions(),
    LoopSettings(
        steps=2048,
        optimiser="adamw",
        rate=1e-3,
        weight_decay=0.02,
        schedule="cosine",
        warm_up=200,
        clip=10.0,
        ema=0.998,
        groups={"backbone": GroupSettings(rate=2e-4)},
    ),
    _build,
)
