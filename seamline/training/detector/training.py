"""Train the garment detector from a folder of photos.

Every step's scenes, and with them its result, follow from the seed, the step's number and the weights before it: a
training that was interrupted goes on from its checkpoint to the same weights.

    python -m seamline.training.detector --photos FOLDER --labels labels.jsonl --out FOLDER
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from seamline.core.spec import PhotoSpec
from seamline.nn.checkpoint import load_state, save_state
from seamline.nn.detector import SIDE, Detector
from seamline.training.detector.album import Drawings, open_album
from seamline.training.detector.photos import LabelledPhoto, file_labels, street_labels
from seamline.training.detector.scenes import Scene, Scenes, network_input

CHECKPOINT = "training.pt"
WEIGHTS = "detector.pt"
LOG_EVERY = 20


@dataclasses.dataclass(frozen=True)
class Plan:
    """How long and how fast to learn. `average`: share of the running average of weights that each step keeps."""

    epochs: int = 8
    scenes_per_epoch: int = 4096
    side: int = SIDE
    drawn: int = 1500
    batch: int = 16
    rate: float = 1e-3
    backbone_rate: float = 2e-4
    weight_decay: float = 0.02
    warm_up: int = 200
    average: float = 0.998
    largest_gradient: float = 10.0
    save_every: int = 100
    seed: int = 0

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self.epochs * self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one epoch."""
        return max(1, self.scenes_per_epoch // self.batch)

    def share_of_rate(self, step: int) -> float:
        """Learning rate of a step as a share of the full one: a linear start, then a cosine down to a hundredth."""
        start = min(1.0, (step + 1) / self.warm_up)
        return start * (0.01 + 0.99 * (1 + math.cos(math.pi * step / self.steps)) / 2)


class Training:
    """A detector being trained, its running average of weights, and the step that comes next."""

    def __init__(self, plan: Plan, imagenet: bool = True) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.step = 0
        self.detector = Detector(imagenet).to(memory_format=torch.channels_last).train()
        freeze_depthwise(self.detector)
        self.averaged = copy.deepcopy(self.detector).eval()
        self._optimiser = torch.optim.AdamW(self._groups(), weight_decay=plan.weight_decay)

    def _groups(self) -> list[dict[str, object]]:
        trained = [(name, weight) for name, weight in self.detector.named_parameters() if weight.requires_grad]
        backbone = [weight for name, weight in trained if ".backbone.backbone." in f".{name}"]
        rest = [weight for name, weight in trained if ".backbone.backbone." not in f".{name}"]
        return [
            {"params": backbone, "lr": self.plan.backbone_rate, "full_rate": self.plan.backbone_rate},
            {"params": rest, "lr": self.plan.rate, "full_rate": self.plan.rate},
        ]

    def advance(self, scenes: Scenes) -> dict[str, float]:
        """One step: draw its scenes, follow the gradient, update the average. Returns the three losses."""
        photos, targets = batch_of([self._scene(scenes, index) for index in range(self.plan.batch)])
        for group in self._optimiser.param_groups:
            group["lr"] = group["full_rate"] * self.plan.share_of_rate(self.step)
        losses = self.detector.loss(photos, targets)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        nn.utils.clip_grad_norm_(self.detector.parameters(), self.plan.largest_gradient)
        self._optimiser.step()
        self._average()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _scene(self, scenes: Scenes, index: int) -> Scene:
        rng = np.random.default_rng((self.plan.seed, self.step, index))
        return network_input(scenes.draw(rng), self.plan.side, PhotoSpec().fill)

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.plan.average, (self.step + 1) / (self.step + 10))  # a young average follows the weights closely
        for mean, now in zip(self.averaged.parameters(), self.detector.parameters(), strict=True):
            if now.requires_grad:
                mean.lerp_(now, 1 - keep)

    def start_from(self, weights: Path) -> None:
        """Begin with the weights of another training's `detector.pt`."""
        state = load_state(weights)
        self.detector.load_state_dict(state)
        self.averaged.load_state_dict(state)

    def save(self, folder: Path) -> None:
        """Write the checkpoint and, beside it, the averaged weights."""
        state = {
            "step": self.step,
            "plan": dataclasses.asdict(self.plan),
            "weights": self.detector.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        save_state(state, folder / CHECKPOINT)
        save_state(self.averaged.state_dict(), folder / WEIGHTS)

    def resume(self, folder: Path) -> None:
        """Go on from a checkpoint. Raises ValueError when it belongs to another plan."""
        state = load_state(folder / CHECKPOINT)
        if state["plan"] != dataclasses.asdict(self.plan):
            raise ValueError(f"{folder / CHECKPOINT} belongs to a training with other settings; choose another folder")
        self.step = int(state["step"])
        self.detector.load_state_dict(state["weights"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])


def freeze_depthwise(detector: Detector) -> None:
    """Keep the backbone's depthwise filters: on a CPU their gradients take a third of the backward pass."""
    for module in detector.fcos.backbone.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.requires_grad_(False)


def batch_of(scenes: Sequence[Scene]) -> tuple[Tensor, list[dict[str, Tensor]]]:
    """uint8 [B,side,side,3] and torchvision's targets."""
    photos = torch.from_numpy(np.stack([scene.rgb for scene in scenes]))
    targets = [{"boxes": torch.from_numpy(scene.boxes), "labels": torch.from_numpy(scene.labels)} for scene in scenes]
    return photos, targets


def load_detector(path: Path) -> Detector:
    """A trained detector in evaluation mode from `detector.pt`."""
    detector = Detector()
    detector.load_state_dict(load_state(path))
    return detector.eval()


def training_photos(photos: Path, labels: Sequence[Path]) -> list[LabelledPhoto]:
    """Everything to learn from: the street photos for training and the trusted photos of the label files."""
    found = street_labels(photos, training=True)
    for path in labels:
        found += file_labels(path, photos)
    return found


def train_detector(
    photos: Path,
    labels: Sequence[Path],
    out: Path,
    plan: Plan = Plan(),
    start: Path | None = None,
    albums: Path | None = None,
) -> Path:
    """Train, or go on training, in the folder `out`; returns the file of averaged weights.

    `photos`: folder with `street/` and the photos that the label files name. `start`: weights to begin with instead of
    ImageNet's. `albums`: where decoded pictures are kept, below `out` unless told. Progress is printed.
    """
    album = open_album(training_photos(photos, labels), albums or out / "albums", Drawings(plan.drawn, plan.seed))
    scenes = Scenes(album)
    training = Training(plan)
    if (out / CHECKPOINT).exists():
        training.resume(out)
    elif start is not None:
        training.start_from(start)
    recent: list[dict[str, float]] = []
    since = time.monotonic()
    while training.step < plan.steps:
        recent.append(training.advance(scenes))
        if training.step % LOG_EVERY == 0:
            rate = plan.batch * len(recent) / (time.monotonic() - since)
            print(_progress(training, recent, rate), flush=True)
            recent, since = [], time.monotonic()
        if training.step % plan.save_every == 0 or training.step % plan.steps_per_epoch == 0:
            training.save(out)
    training.save(out)
    return out / WEIGHTS


def _progress(training: Training, recent: list[dict[str, float]], rate: float) -> str:
    plan = training.plan
    means = "  ".join(f"{name} {np.mean([losses[name] for losses in recent]):.3f}" for name in recent[0])
    left = (plan.steps - training.step) * plan.batch / rate / 60
    done = f"{time.strftime('%H:%M:%S')}  step {training.step}/{plan.steps}"
    return f"{done}  {means}  {rate:.1f} scenes/s  {left:.0f} min left"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m seamline.training.detector", description="Train the garment detector."
    )
    parser.add_argument(
        "--photos", type=Path, required=True, help="folder of photos, with street/ and the labelled photos"
    )
    parser.add_argument("--labels", type=Path, nargs="+", default=[], help="label files (JSON Lines)")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints; an interrupted training goes on"
    )
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--scenes-per-epoch", type=int, default=Plan.scenes_per_epoch)
    parser.add_argument("--side", type=int, default=Plan.side, help="side of the scenes in pixels, a multiple of 32")
    parser.add_argument("--start", type=Path, help="weights to begin with instead of ImageNet's")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="learning rate; the backbone's is a fifth of it")
    parser.add_argument("--drawn", type=int, default=Plan.drawn, help="garments to draw besides the photos")
    parser.add_argument("--albums", type=Path, help="folder for decoded pictures, to share it between trainings")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    plan = Plan(
        chosen.epochs,
        chosen.scenes_per_epoch,
        chosen.side,
        chosen.drawn,
        rate=chosen.rate,
        backbone_rate=chosen.rate / 5,
        seed=chosen.seed,
    )
    print(train_detector(chosen.photos, chosen.labels, chosen.out, plan, chosen.start, chosen.albums))
