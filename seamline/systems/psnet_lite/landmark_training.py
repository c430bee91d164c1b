"""Trains the landmark branch on stored crops.

Loss: cross-entropy between each heatmap, taken as a distribution over cells, and a Gaussian at the landmark, which
learns faster than PS-Net's squared error on nearly empty maps; plus presence of each landmark, plus the garment's
mask. Each label counts as much as it can be trusted.

A step's batch depends on nothing but the seed and the step's number, so that a resumed run gives the same weights.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seamline.core.spec import LANDMARKS, CropSpec
from seamline.nn.backbone import LEVEL_STRIDES, freeze, keep_statistics, load_imagenet, normalise
from seamline.nn.checkpoint import load_state, save_state
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig, LandmarkMaps, decode
from seamline.training.augment import Augmentation, View, plain_view, random_view
from seamline.training.crops import ABSENT, PRESENT, UNSURE, CropStore
from seamline.training.landmark_distance import mean_distance
from seamline.training.progress import Progress

STRIDE = LEVEL_STRIDES[0]


@dataclasses.dataclass(frozen=True)
class LandmarkTraining:
    """Schedule and loss. The first `small_steps` steps use views of `small_side` pixels, the others the crop's side.

    `sigma`: spread of the target in heatmap cells. `average`: share of the running mean of weights that each step
    keeps.
    """

    steps: int = 2200
    small_steps: int = 1500
    small_side: int = 160
    batch: int = 16
    head_rate: float = 2e-3
    backbone_rate: float = 4e-4
    weight_decay: float = 1e-4
    frozen_stages: int = 3
    sigma: float = 1.3
    average: float = 0.998
    least_trust: float = 0.15
    drawn_share: float = 0.2
    save_every: int = 200
    seed: int = 0
    augmentation: Augmentation = dataclasses.field(default_factory=Augmentation)


@dataclasses.dataclass(frozen=True)
class Batch:
    """Tensors of one step: pixels [B,S,S,3], target [B,K,C*C], weight [B,K], present [B,K], sure [B,K], mask
    [B,1,C,C], mask_weight [B]."""

    pixels: Tensor
    target: Tensor
    weight: Tensor
    present: Tensor
    sure: Tensor
    mask: Tensor
    mask_weight: Tensor


class LandmarkTrainer:
    """A branch in training, with optimiser and running mean of its weights."""

    def __init__(self, settings: LandmarkTraining, imagenet: bool = True) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.config = LandmarkConfig(len(LANDMARKS))
        self.branch = LandmarkBranch(self.config)
        if imagenet:
            load_imagenet(self.branch.backbone)
        freeze(self.branch.backbone, settings.frozen_stages)
        self.branch.to(memory_format=torch.channels_last)
        self.mean = {name: tensor.clone() for name, tensor in self.branch.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self._groups(), weight_decay=settings.weight_decay)
        self.step = 0

    def _groups(self) -> list[dict[str, Any]]:
        named = [(name, p) for name, p in self.branch.named_parameters() if p.requires_grad]
        head = [p for name, p in named if not name.startswith("backbone.")]
        backbone = [p for name, p in named if name.startswith("backbone.")]
        return [
            {"params": head, "peak": self.settings.head_rate},
            {"params": backbone, "peak": self.settings.backbone_rate},
        ]

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step; returns the parts of the loss."""
        self.branch.train()
        keep_statistics(self.branch.backbone)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(self.step, self.settings.steps)
        pixels = normalise(batch.pixels).contiguous(memory_format=torch.channels_last)
        losses = landmark_losses(self.branch(pixels), batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        torch.nn.utils.clip_grad_norm_(self.branch.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self._update_mean()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _update_mean(self) -> None:
        keep = min(self.settings.average, (1 + self.step) / (10 + self.step))
        for name, tensor in self.branch.state_dict().items():
            if tensor.dtype.is_floating_point:
                self.mean[name].lerp_(tensor, 1 - keep)

    def averaged(self) -> LandmarkBranch:
        """A branch with the running mean of the weights, in evaluation mode."""
        branch = LandmarkBranch(self.config)
        branch.load_state_dict(self.mean)
        return branch.eval()

    def state(self) -> dict[str, Any]:
        """Everything that `restore` needs to go on."""
        return {
            "step": self.step,
            "branch": self.branch.state_dict(),
            "mean": self.mean,
            "optimiser": self.optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.step = state["step"]
        self.branch.load_state_dict(state["branch"])
        self.mean = state["mean"]
        self.optimiser.load_state_dict(state["optimiser"])


def rate_at(step: int, steps: int) -> float:
    """Share of the peak rate: a short linear rise, then half a cosine to nearly nothing."""
    rise = max(1, min(200, steps // 10))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise))) + 0.005


def landmark_losses(maps: LandmarkMaps, batch: Batch) -> dict[str, Tensor]:
    """Cross-entropies of places, presence and foreground."""
    scores = functional.log_softmax(maps.heatmaps.flatten(2), -1)
    place = -(batch.target * scores).sum(-1)
    presence = functional.binary_cross_entropy_with_logits(maps.presence, batch.present, reduction="none")
    mask = functional.binary_cross_entropy_with_logits(maps.foreground, batch.mask, reduction="none")
    return {
        "place": _mean(place, batch.weight),
        "presence": _mean(presence, batch.sure),
        "foreground": _mean(mask.mean((1, 2, 3)), batch.mask_weight),
    }


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp_min(1e-6)


def make_batch(views: list[View], trust: list[float], mask_trust: list[float], sigma: float) -> Batch:
    """Targets of a step from its views."""
    side = len(views[0].pixels)
    cells = side // STRIDE
    points = torch.from_numpy(np.stack([view.points for view in views])) / STRIDE
    state = torch.from_numpy(np.stack([view.state for view in views]))
    present = (state == PRESENT).float()
    believed = torch.tensor(trust, dtype=torch.float32)[:, None]
    mask = torch.from_numpy(np.stack([view.mask for view in views])).float()[:, None] / 255
    return Batch(
        torch.from_numpy(np.stack([view.pixels for view in views])),
        gaussian(points, cells, sigma),
        present * believed,
        present,
        torch.where(state == ABSENT, 1.0, believed) * (state != UNSURE).float(),
        functional.avg_pool2d(mask, STRIDE),
        torch.tensor(mask_trust, dtype=torch.float32),
    )


def gaussian(points: Tensor, cells: int, sigma: float) -> Tensor:
    """Points [B,K,2] in cells -> normalised Gaussians [B,K,cells*cells], row by row."""
    centres = torch.arange(cells, dtype=torch.float32) + 0.5
    x = torch.exp(-0.5 * ((centres - points[..., :1]) / sigma) ** 2)
    y = torch.exp(-0.5 * ((centres - points[..., 1:]) / sigma) ** 2)
    maps = (y[..., :, None] * x[..., None, :]).flatten(2)
    return maps / maps.sum(-1, keepdim=True).clamp_min(1e-12)


def sampling_weights(store: CropStore, settings: LandmarkTraining) -> NDArray[np.float64]:
    """Probability of each crop: rare categories more often than they occur, drawn ones at their share."""
    usable = store.trust >= settings.least_trust
    counts = np.bincount(store.category[usable], minlength=1 + int(store.category.max()))
    weight = usable / np.sqrt(np.maximum(counts[store.category], 20))
    drawn = np.array([label.source == "drawn" for label in store.labels])
    if drawn.any() and not drawn.all():
        weight[drawn] *= settings.drawn_share / weight[drawn].sum()
        weight[~drawn] *= (1 - settings.drawn_share) / weight[~drawn].sum()
    return weight / weight.sum()


def step_batch(store: CropStore, weights: NDArray[np.float64], step: int, settings: LandmarkTraining) -> Batch:
    """The batch of a step; the same for the same seed and step."""
    random = np.random.default_rng([settings.seed, step])
    side = settings.small_side if step < settings.small_steps else CropSpec().side
    chosen = random.choice(len(store), settings.batch, p=weights)
    views = [random_view(store, int(index), side, settings.augmentation, random) for index in chosen]
    trust, mask_trust = store.trust[chosen].tolist(), store.mask_trust[chosen].tolist()
    return make_batch(views, trust, mask_trust, settings.sigma)


def predict(branch: LandmarkBranch, store: CropStore, batch: int = 16) -> NDArray[np.float32]:
    """Landmarks [N,K,3] in pixels of the crops as they are when serving."""
    points = []
    with torch.inference_mode():
        for start in range(0, len(store), batch):
            views = [plain_view(store, i, CropSpec().side).pixels for i in range(start, min(start + batch, len(store)))]
            pixels = normalise(torch.from_numpy(np.stack(views)))
            maps = branch(pixels.contiguous(memory_format=torch.channels_last))
            points.append(decode(maps, branch.config.window).numpy())
    return np.concatenate(points)


def train_landmarks(
    store: CropStore,
    develop: CropStore,
    out: Path,
    settings: LandmarkTraining,
    after_save: Callable[[LandmarkTrainer], None] | None = None,
) -> Path:
    """Train until `settings.steps`, going on from `out` where a run was cut off. Returns the best averaged
    weights' file.

    `develop`: trusted labels of other photos; the lowest mean distance on them decides. Writes resume.pt, best.pt and
    curve.jsonl into `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    trainer = LandmarkTrainer(settings)
    resume, best = out / "resume.pt", out / "best.pt"
    if resume.is_file():
        trainer.restore(load_state(resume))
    lowest = load_state(best)["distance"] if best.is_file() else math.inf
    weights = sampling_weights(store, settings)
    progress = Progress("landmarks", settings.steps, trainer.step)
    while trainer.step < settings.steps:
        losses = trainer.train_step(step_batch(store, weights, trainer.step, settings))
        progress.advance(1, " ".join(f"{name} {value:.3f}" for name, value in losses.items()))
        if trainer.step % settings.save_every and trainer.step < settings.steps:
            continue
        branch = trainer.averaged()
        distance = mean_distance(predict(branch, develop), develop)
        _record(out / "curve.jsonl", {"step": trainer.step, "distance": distance, **losses})
        if distance < lowest:
            lowest = distance
            save_state(
                {"distance": distance, "config": dataclasses.asdict(branch.config), "weights": branch.state_dict()},
                best,
            )
        save_state(trainer.state(), resume)
        if after_save is not None:
            after_save(trainer)
    return best


def _record(path: Path, row: dict[str, float]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
