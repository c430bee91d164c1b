"""The shipped retrieval branch's training as a task of the training loop.

The encoder's landmark branch and first stages are kept; the later stages, the map's projection and the region head
learn from a loss over regions (see `seamline.losses.part_loss`). The region head starts as a linear discriminant.
After the last step the head of the whole garment is fitted; weights and odds are learnt, and similarities calibrated,
on garments that were not learnt from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from seamline.losses.part_loss import PartLoss, in_original_order
from seamline.nn.backbone import keep_statistics
from seamline.nn.checkpoint import save
from seamline.systems.psnet.spec import MIRRORED, REGIONS
from seamline.systems.psnet_lite.calibration import Others, Unseen, write_heads
from seamline.systems.psnet_lite.encoder import SHALLOW_STAGES, Encoder, RetrievalBranch
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.people import people_grids, people_views
from seamline.systems.psnet_lite.region_head import RegionHead
from seamline.systems.psnet_lite.shallow_features import ShallowRows, pooled
from seamline.systems.psnet_lite.start import check, start_encoder, start_head
from seamline.systems.psnet_lite.stored_views import RegionStatistics, StoredViews, statistics_of
from seamline.systems.psnet_lite.views import trusted, views_of
from seamline.training.errors import BadConfig
from seamline.training.measure import Encoded, retrieval_figures
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Task
from seamline.training.tasks import TaskKind


@dataclasses.dataclass(frozen=True)
class RetrievalBatch(ShallowRows):
    """Shallow features of B views; their garment [B], change [B,5] of the originals' regions and mirrored [B]."""

    garment: Tensor
    change: Tensor
    mirrored: Tensor


class RetrievalTraining(nn.Module):
    """The retrieval branch, the region head and their loss."""

    def __init__(self, branch: RetrievalBranch, head: RegionHead, loss: PartLoss) -> None:
        super().__init__()
        self.branch, self.head, self.region_loss = branch, head, loss

    def train(self, mode: bool = True) -> RetrievalTraining:
        """Batch norms keep their ImageNet statistics."""
        super().train(mode)
        keep_statistics(self.branch.backbone)
        return self

    def forward(self, rows: ShallowRows) -> Tensor:
        """Unit vectors [B,5,D] of the views' own regions."""
        regions, _ = pooled(self.branch, rows, self.head.config.pool_size)
        vectors: Tensor = self.head(regions, rows.visible)
        return vectors


@dataclasses.dataclass(frozen=True)
class RetrievalData:
    """`learn` and `held_out` garments of the training photos, `validation` those of others; `people`: garments that
    are worn, where there are such photos."""

    learn: StoredViews
    held_out: StoredViews
    validation: StoredViews
    people: StoredViews | None = None


class RetrievalTask(Task[RetrievalBatch]):
    """Learns which regions belong to one garment."""

    network: RetrievalTraining

    def __init__(
        self, encoder: Encoder, head: RegionHead, data: RetrievalData, options: RetrievalOptions, seed: int = 0
    ) -> None:
        torch.manual_seed(seed)
        self._encoder, self._data, self._options, self._seed = encoder, data, options, seed
        loss = PartLoss(options.loss, len(REGIONS), options.region_loss, data.learn.garments, head.config.dimension)
        self.network = RetrievalTraining(encoder.retrieval, head, loss)

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The backbone's later stages, the map's projection, the region head, and the loss where it has weights."""
        branch = self.network.branch
        stages = [parameter for stage in branch.backbone.stages[SHALLOW_STAGES:] for parameter in stage.parameters()]
        groups = {
            "features": stages,
            "projection": [*branch.project.parameters(), branch.bias],
            "head": list(self.network.head.parameters()),
        }
        centres = list(self.network.region_loss.parameters())
        return groups | ({"loss": centres} if centres else {})

    def batch(self, step: int) -> RetrievalBatch:
        """Garments with their original and copies."""
        views, options = self._data.learn, self._options
        random = np.random.default_rng([self._seed, step])
        garments = views.draw_garments(options.garments, options.one_category, random)
        chosen = np.concatenate([views.draw(garment, options.views, random) for garment in garments])
        truth = {name: torch.from_numpy(getattr(views, name)[chosen]) for name in ("garment", "change", "mirrored")}
        return RetrievalBatch(**vars(views.rows(chosen)), **truth)

    def loss(self, batch: RetrievalBatch) -> Mapping[str, Tensor]:
        """The loss over regions."""
        vectors = in_original_order(self.network(batch), batch.mirrored, MIRRORED)
        visible = in_original_order(batch.visible, batch.mirrored, MIRRORED)
        return {"loss": self.network.region_loss(vectors, batch.garment, batch.change, visible)}

    def evaluate(self) -> Mapping[str, float]:
        """Figures on garments of other photos; see `seamline.training.measure`."""
        views = self._data.validation
        found = self._statistics(views)
        return retrieval_figures(Encoded(found.vectors(self.network.head), found, views.category_names, MIRRORED))

    def finish(self, out: Path) -> None:
        """Write encoder.pt, region_head.pt, whole_head.pt, and spec.json with learnt weights and calibration."""
        held_out = self._data.held_out.with_copies(self._options.calibration_copies)
        worn = people_grids(self._data.people, self.network.branch, self.network.head.config)
        write_heads(
            self.network.head, Others(self._statistics(self._data.learn.with_copies(())), worn),
            Unseen(self._statistics(held_out), held_out.category_names), self._options.weights, self._seed, out,
        )  # fmt: skip
        save(self._encoder, out / "encoder.pt")

    def _statistics(self, views: StoredViews) -> RegionStatistics:
        return statistics_of(self.network.branch, views, self.network.head.config)


def build(sources: Sources, options: RetrievalOptions, seed: int) -> RetrievalTask:
    """The task on the sources' photos. Raises BadConfig where there is no encoder to start from, or too little to
    learn from."""
    check(options)
    encoder = start_encoder(sources, options, seed).to(memory_format=torch.channels_last)
    train, validation = (_views(sources, encoder, options, part, seed) for part in ("train", "validation"))
    every = min(options.held_out, max(2, train.garments // 2))  # two of a handful
    held_out = np.arange(train.garments) % every == every - 1
    people = people_views(sources, encoder)
    data = RetrievalData(train.only(~held_out), train.only(held_out), validation.first(options.validation), people)
    if data.learn.garments < options.garments or data.held_out.garments < 2 or data.validation.garments < 2:
        raise BadConfig(f"labels: {train.garments} garments to learn from and {validation.garments} others are too few")
    head = start_head(encoder, data.learn, options.shrinkage, sources.work / "discriminant")
    return RetrievalTask(encoder, head, data, options, seed)


def _views(sources: Sources, encoder: Encoder, options: RetrievalOptions, part: str, seed: int) -> StoredViews:
    labels = sources.train(options.trust) if part == "train" else sources.validation(options.trust)
    return views_of(sources, encoder, trusted(labels, options.trust), options, part, seed)


KIND = TaskKind(
    RetrievalOptions(),
    LoopSettings(
        steps=700,
        optimiser="adamw",
        rate=5e-5,
        schedule="cosine",
        last_rate=0.02,
        warm_up=30,
        clip=5.0,
        groups={"head": GroupSettings(rate=5e-4), "projection": GroupSettings(rate=1e-5)},
    ),
    build,
    check,
)
