"""Losses on the vectors of parts: which belong together, and how that is turned into a number.

In each part a garment's id is the label where the part was kept. A redesigned part has a label of its own, so that it
is a negative to every other, its original's included; unclear and absent parts are left out. The loss is the sum over
the parts, as in PS-Net (Lang et al., CVPR 2020). Losses, miners and memory are
pytorch-metric-learning's (Musgrave et al., 2020).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import torch
from pytorch_metric_learning import distances, losses, miners, reducers  # type: ignore[import-untyped]
from pytorch_metric_learning.utils import loss_and_miner_utils  # type: ignore[import-untyped]
from torch import Tensor, nn

from seamline.training.views import CHANGED, KEPT

NAMES = ("triplet", "supcon", "arcface", "multi-similarity")
"""Triplets are the paper's; supervised contrastive (Khosla et al., 2020), ArcFace (Deng et al., 2019) and
multi-similarity (Wang et al., 2019) are deviations."""

_LEFT_OUT = -1
_OWN_LABELS = 2**40
"""Labels of redesigned parts start here, above every garment's id."""


@dataclasses.dataclass(frozen=True)
class PartLossSettings:
    """`margin` of triplets, in 1 - cosine; `temperature` of supervised contrast; `scale` and `angle` (radians) of
    ArcFace; `memory`: how many earlier vectors per part are compared too (cross-batch memory, Wang et al., CVPR
    2020)."""

    margin: float = 0.2
    temperature: float = 0.1
    scale: float = 30.0
    angle: float = 0.3
    memory: int = 0


class PartLoss(nn.Module):
    """Unit vectors [B,P,D], garment ids int64 [B] from 0, change [B,P] (KEPT, CHANGED or UNCLEAR) and visible [B,P],
    all in the original's left and right -> the loss, a scalar.

    `arcface` learns a centre per garment and part: it needs the number of `garments`, and its parameters need an
    optimiser. Raises ValueError for an unknown name, for arcface without garments or with a memory, which it cannot
    use; `forward` raises it for an id beyond `garments` and for a batch that is larger than the memory.
    """

    def __init__(
        self,
        name: str,
        parts: int,
        settings: PartLossSettings | None = None,
        garments: int = 0,
        dimension: int = 128,
    ) -> None:
        super().__init__()
        if name not in NAMES:
            raise ValueError(f"the loss must be one of {', '.join(NAMES)}, not {name!r}")
        settings = settings or PartLossSettings()
        if name == "arcface" and (garments < 1 or settings.memory):
            raise ValueError("arcface needs the number of garments, and no memory")
        self.own_labels = 0
        self.parts = nn.ModuleList(_one_part(name, settings, garments, dimension) for _ in range(parts))

    def forward(self, vectors: Tensor, garment: Tensor, change: Tensor, visible: Tensor) -> Tensor:
        labels = part_labels(garment, change, visible, _OWN_LABELS + self.own_labels)
        self.own_labels += labels.numel()
        total = vectors.sum() * 0
        for part, loss in enumerate(self.parts):
            used = labels[:, part] != _LEFT_OUT
            if used.any():
                total = total + loss(vectors[used, part], labels[used, part], garment[used])
        return total

    def get_extra_state(self) -> dict[str, Any]:
        """What a resumed run needs beside the tensors: the places in the memories."""
        memories = [(part.place, part.filled) for part in self.parts if isinstance(part, _PairLoss)]
        return {"own_labels": self.own_labels, "memories": memories}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_extra_state` gave."""
        self.own_labels = state["own_labels"]
        for part, (place, filled) in zip(self.parts, state["memories"], strict=False):
            if isinstance(part, _PairLoss):
                part.go_to(place, filled)


def part_labels(garment: Tensor, change: Tensor, visible: Tensor, first_own: int) -> Tensor:
    """Labels [B,P]: the garment's id where kept, one of its own from `first_own` on where changed, -1 where left
    out."""
    own = first_own + torch.arange(change.numel(), device=change.device).view_as(change)
    labels = torch.where(change == KEPT, garment[:, None], own)
    usable = ((change == KEPT) | (change == CHANGED)) & (visible > 0)
    return torch.where(usable, labels, torch.full_like(labels, _LEFT_OUT))


def in_original_order(values: Tensor, mirrored: Tensor, mirror: Sequence[int]) -> Tensor:
    """Values [B,P,...] per part of photos -> per part of the originals: where mirrored [B], each part exchanged with
    its counterpart, whose places `mirror` has."""
    exchanged = values[:, list(mirror)]
    return torch.where(mirrored.view(-1, *[1] * (values.ndim - 1)), exchanged, values)


class RandomTriplets(miners.BaseMiner):  # type: ignore[misc]
    """For each anchor one random positive and one random negative, the paper's choice."""

    def mine(self, embeddings: Tensor, labels: Tensor, ref_emb: Tensor, ref_labels: Tensor) -> tuple[Tensor, ...]:
        """Indices of anchors, positives and negatives."""
        found: tuple[Tensor, ...] = loss_and_miner_utils.get_random_triplet_indices(labels, ref_labels, t_per_anchor=1)
        return found


class _PairLoss(nn.Module):
    """A loss on pairs or triplets inside a batch, or between a batch and the memory."""

    def __init__(self, loss: nn.Module, miner: nn.Module | None, memory: int, dimension: int) -> None:
        super().__init__()
        self.miner = miner
        self.memory = losses.CrossBatchMemory(loss, dimension, memory, miner) if memory else None
        self.loss = loss

    def forward(self, vectors: Tensor, labels: Tensor, garment: Tensor) -> Tensor:
        vectors = vectors.float()
        if self.memory is None:
            mined = self.miner(vectors, labels) if self.miner is not None else None
            value: Tensor = self.loss(vectors, labels, mined)
        elif len(vectors) > self.memory.memory_size:
            raise ValueError(f"a memory of {self.memory.memory_size} cannot hold a batch of {len(vectors)}")
        else:
            value = self.memory(vectors, labels)
        return value

    @property
    def place(self) -> int:
        return self.memory.queue_idx if self.memory is not None else 0

    @property
    def filled(self) -> bool:
        return self.memory.has_been_filled if self.memory is not None else False

    def go_to(self, place: int, filled: bool) -> None:
        if self.memory is not None:
            self.memory.queue_idx, self.memory.has_been_filled = place, filled


class _ArcFace(nn.Module):
    """ArcFace for kept parts; a redesigned one is pushed away from its garment's centre by -log(1 - p), p being its
    probability of that garment."""

    def __init__(self, settings: PartLossSettings, garments: int, dimension: int) -> None:
        super().__init__()
        self.garments, self.scale = garments, settings.scale
        degrees = math.degrees(settings.angle)
        self.loss = losses.ArcFaceLoss(garments, dimension, degrees, settings.scale, reducer=reducers.MeanReducer())

    def forward(self, vectors: Tensor, labels: Tensor, garment: Tensor) -> Tensor:
        if int(garment.max()) >= self.garments:
            raise ValueError(f"arcface was made for {self.garments} garments, but got the id {int(garment.max())}")
        vectors, kept = vectors.float(), labels < _OWN_LABELS
        total = vectors.sum() * 0
        if kept.any():
            total = total + self.loss(vectors[kept], labels[kept]) * kept.float().mean()
        if not kept.all():
            total = total + self._away(vectors[~kept], garment[~kept]) * (~kept).float().mean()
        return total

    def _away(self, vectors: Tensor, garment: Tensor) -> Tensor:
        others = self.loss.get_cosine(vectors) * self.scale
        own = others.gather(1, garment[:, None])
        rest = others.scatter(1, garment[:, None], -math.inf)
        return (torch.logsumexp(others, 1) - torch.logsumexp(torch.cat([rest, own - _CERTAIN], 1), 1)).mean()


_CERTAIN = 30.0
"""Keeps -log(1 - p) finite, below 30, where p is 1 to the last bit or there is a single garment."""


def _one_part(name: str, settings: PartLossSettings, garments: int, dimension: int) -> nn.Module:
    if name == "arcface":
        return _ArcFace(settings, garments, dimension)
    loss, miner = _pair_loss(name, settings)
    return _PairLoss(loss, miner, settings.memory, dimension)


def _pair_loss(name: str, settings: PartLossSettings) -> tuple[nn.Module, nn.Module | None]:
    if name == "triplet":
        cosine, mean = distances.CosineSimilarity(), reducers.MeanReducer()
        return losses.TripletMarginLoss(settings.margin, distance=cosine, reducer=mean), RandomTriplets()
    if name == "supcon":
        return losses.SupConLoss(settings.temperature), None
    return losses.MultiSimilarityLoss(), miners.MultiSimilarityMiner()
