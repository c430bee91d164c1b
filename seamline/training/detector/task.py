"""The garment detector as a task of the training loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seamline.core.spec import DetectorSpec, PhotoSpec
from seamline.exporting.from_onnx import load_folded
from seamline.nn.checkpoint import load_state, save_state
from seamline.nn.detector import SIDE, Detector, DetectorForExport, freeze_boxes, freeze_depthwise, training_only
from seamline.training.detector.album import Drawings, open_album
from seamline.training.detector.figures import (
    at_threshold,
    average_precision,
    best_overlaps,
    detect_in_photos,
    detect_in_scenes,
    false_alarms,
    mean_average_precision,
    turn_errors,
)
from seamline.training.detector.photos import (
    DEVELOPED_STREET,
    TRAINED_STREET,
    LabelledPhoto,
    file_labels,
    possible_categories,
    street_labels,
)
from seamline.training.detector.scenes import Mix, Scenes, network_input
from seamline.training.errors import BadConfig
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Batch, Task
from seamline.training.tasks import TaskKind
from seamline.training.weight_average import average

_AS_THEY_ARE = Mix(0, 0, 0, 0, 0, any_way=0, dyed=0, colour_blocked=0, warped=0)
_SEVERAL = dataclasses.replace(_AS_THEY_ARE, tiled=1, pasted=1)
_EMPTY = dataclasses.replace(_AS_THEY_ARE, empty=1)
_TURNED = dataclasses.replace(_AS_THEY_ARE, whole=1, any_way=1)


@dataclasses.dataclass(frozen=True)
class DetectorOptions:
    """`side` of the scenes in pixels, a multiple of 32. `drawn`: garments to draw besides the photos. `mix`: how often
    each kind of scene comes up. `start`: a detector.pt, or a detector's model.onnx, to begin with instead of ImageNet's
    weights; several detector.pt, joined by "+", are averaged. `frozen`: keep boxes and categories as they start, and
    learn turns alone. `validation_photos`, `validation_scenes`: how many photos, and made-up scenes of several
    garments, of turned ones and of none, are evaluated on."""

    batch: int = 16
    side: int = SIDE
    drawn: int = 1500
    mix: Mix = dataclasses.field(default_factory=Mix)
    start: str = ""
    validation_photos: int = 100
    validation_scenes: int = 100
    imagenet: bool = True
    frozen: bool = False

    def __post_init__(self) -> None:
        if self.side % 32 or self.side < 32:
            raise ValueError(f"side must be a multiple of 32, not {self.side}")
        if self.batch < 1:
            raise ValueError("batch must be at least 1")

    @property
    def starts(self) -> tuple[Path, ...]:
        """The files that `start` names."""
        return tuple(Path(name) for name in self.start.split("+")) if self.start else ()


@dataclasses.dataclass(frozen=True)
class SceneBatch(Batch):
    """photos uint8 [B,side,side,3] and which garments their pixels show [B,side,side]; of all of them boxes [M,4],
    which of the 13 categories are `possible` [M,13], and turns [M,2], cosine and sine; `counts` belong to each."""

    photos: Tensor
    shown: Tensor
    boxes: Tensor
    possible: Tensor
    turns: Tensor
    counts: tuple[int, ...]

    def targets(self) -> list[dict[str, Tensor]]:
        """As `Detector.loss` wants them."""
        split = [torch.split(part, list(self.counts)) for part in (self.boxes, self.possible, self.turns)]
        parts = zip(*split, self.shown.long(), strict=True)
        return [dict(zip(("boxes", "possible", "turns", "shown"), part, strict=True)) for part in parts]


@dataclasses.dataclass(frozen=True)
class DetectorData:
    """`scenes` to learn from; photos that are not learnt from: `validation` show one garment each, `street` people;
    `several` garments, `empty` and `turned` scenes made of the former."""

    scenes: Scenes
    validation: Sequence[LabelledPhoto]
    street: Sequence[LabelledPhoto]
    several: Scenes
    empty: Scenes
    turned: Scenes


class DetectorTask(Task[SceneBatch]):
    """Learns from scenes; evaluated on labelled photos by the path that serving takes."""

    network: Detector

    def __init__(self, data: DetectorData, options: DetectorOptions, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.network = Detector(options.imagenet and not options.start).to(memory_format=torch.channels_last)
        if options.start:
            _begin_with(self.network, options.starts)
        freeze_depthwise(self.network)
        if options.frozen:
            freeze_boxes(self.network)
        self._data, self._options, self._seed = data, options, seed

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
        drawn = [self._data.scenes.draw(random) for random in generators]
        scenes = [network_input(scene, self._options.side, PhotoSpec().fill) for scene in drawn]
        return SceneBatch(
            torch.from_numpy(np.stack([scene.rgb for scene in scenes])),
            torch.from_numpy(np.stack([scene.shown for scene in scenes])),
            torch.from_numpy(np.concatenate([scene.boxes for scene in scenes])),
            torch.from_numpy(possible_categories()[np.concatenate([scene.labels for scene in scenes])]),
            torch.from_numpy(np.concatenate([scene.turns for scene in scenes])),
            tuple(len(scene.boxes) for scene in scenes),
        )

    def loss(self, batch: SceneBatch) -> Mapping[str, Tensor]:
        """The detector's five losses and their sum."""
        losses = self.network.loss(batch.photos, batch.targets())
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def evaluate(self) -> Mapping[str, float]:
        """Of photos of one garment: `AP50` whatever its category, `found` (share whose strongest box has an IoU of at
        least 0.5), the mean `IoU`, `precision` and `recall` at the served threshold; of street photos, where there are
        some, `street AP50` and `street AP75`, and `street categories`, the mean of the categories' AP50; of made-up
        scenes, `several AP50`, `false alarms`: the share of those without a garment in which a box reaches the
        threshold, and `turn`: the share of turned garments whose turn is right by 15 degrees."""
        data, threshold = self._data, DetectorSpec.score_threshold
        single = detect_in_photos(self._outputs, data.validation)
        overlaps = best_overlaps(single)
        precision, recall = at_threshold(single, threshold)
        figures = {
            "AP50": average_precision(single, 0.5),
            "found": float((overlaps >= 0.5).mean()),
            "IoU": float(overlaps.mean()),
            "precision": precision,
            "recall": recall,
        }
        if data.street:
            street = detect_in_photos(self._outputs, data.street)
            figures |= {f"street AP{round(100 * iou)}": average_precision(street, iou) for iou in (0.5, 0.75)}
            figures["street categories"] = mean_average_precision(street)
        if count := self._options.validation_scenes:
            several = detect_in_scenes(self._outputs, data.several, count, seed=10)
            empty = detect_in_scenes(self._outputs, data.empty, count, seed=11)
            turns = turn_errors(self._outputs, data.turned, count, seed=12)
            figures |= {
                "several AP50": average_precision(several, 0.5),
                "false alarms": false_alarms(empty, threshold),
                "turn": float((turns <= DetectorSpec.upright_within).mean()),
            }
        return figures

    def _outputs(self, photos: Any) -> Any:
        device = next(self.network.parameters()).device
        found = DetectorForExport(self.network)(torch.tensor(photos).to(device))
        return tuple(output.cpu().numpy() for output in found)

    def finish(self, out: Path) -> None:
        """Write detector.pt."""
        save_state(self.network.state_dict(), out / "detector.pt")


def _begin_with(network: Detector, files: Sequence[Path]) -> None:
    if files[0].suffix == ".onnx":
        load_folded(network, files[0], prefix="detector.", skip=training_only(network))
    else:
        network.load_state_dict(average([load_state(file) for file in files]))


def check(options: DetectorOptions) -> None:
    """Raises BadConfig where a file to start from is missing, or several are not all detector.pt."""
    for file in options.starts:
        if not file.is_file():
            raise BadConfig(f"detector.start: there is no {file}; name a detector.pt or a served model.onnx")
        if file.suffix == ".onnx" and len(options.starts) > 1:
            raise BadConfig(f"detector.start: {file} cannot be averaged, since its norms are folded; name detector.pt")


def _build(sources: Sources, options: DetectorOptions, seed: int) -> DetectorTask:
    photos = street_labels(sources.photos, TRAINED_STREET) + file_labels(sources.train_file, sources.photos)
    validation = file_labels(sources.validation_file, sources.photos)[: options.validation_photos]
    if not photos or not validation:
        raise BadConfig("labels: no photo with a trusted box to learn from, or none to evaluate on")
    album = open_album(photos, sources.work / "albums", Drawings(options.drawn, seed))
    others = open_album(validation, sources.work / "albums")
    street = street_labels(sources.photos, DEVELOPED_STREET)[: options.validation_photos]
    several, empty, whole = (Scenes(others, mix) for mix in (_SEVERAL, _EMPTY, _TURNED))
    data = DetectorData(Scenes(album, options.mix), validation, street, several, empty, whole)
    return DetectorTask(data, options, seed)


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
    check,
)
