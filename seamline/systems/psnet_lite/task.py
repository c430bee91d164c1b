"""The shipped retrieval branch's training as a task of the training loop.

The encoder's landmark branch and first stages are kept; the later stages, the map's projection and the region head
learn from a loss over regions (see `seamline.losses.part_loss`), and the features also from one over garments as a
whole. The region head starts as a linear discriminant. After the last step the head of the whole garment is fitted to
these features and to ImageNet's own beside them: one that learns with the features finds copies that were made by
program better, and real second photos and other colours less well.
Weights and odds are learnt, and similarities calibrated, on garments that were not learnt from.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from seamline.losses.part_loss import PartLoss, in_original_order
from seamline.nn.backbone import keep_statistics
from seamline.nn.checkpoint import save
from seamline.nn.unit import unit
from seamline.systems.psnet.spec import MIRRORED, REGIONS
from seamline.systems.psnet_lite.calibration import Others, Unseen, write_heads
from seamline.systems.psnet_lite.encoder import SHALLOW_STAGES, Encoder, RetrievalBranch, WholeBranch
from seamline.systems.psnet_lite.heads import Heads
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.shallow_features import ShallowRows, pooled
from seamline.systems.psnet_lite.start import check, start_encoder, start_heads
from seamline.systems.psnet_lite.stored_views import (
    RegionStatistics,
    StoredViews,
    statistics_of,
    whole_average_precision,
)
from seamline.systems.psnet_lite.views import (
    CalibratingViews,
    divided,
    trusted,
    views_of,
    worn_originals,
    worn_views,
)
from seamline.systems.psnet_lite.whole_garments import WholeGarments, whole_garments
from seamline.training.errors import BadConfig
from seamline.training.measure import Encoded, retrieval_figures
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Task
from seamline.training.tasks import TaskKind
from seamline.training.views import KEPT
from seamline.training.weight_average import move_towards


@dataclasses.dataclass(frozen=True)
class RetrievalBatch(ShallowRows):
    """Shallow features of B views; their garment [B], change [B,5] of the originals' regions and mirrored [B]."""

    garment: Tensor
    change: Tensor
    mirrored: Tensor


class RetrievalTraining(nn.Module):
    """The retrieval branch, the heads of regions and of the whole, and their losses."""

    def __init__(self, branch: RetrievalBranch, heads: Heads, region_loss: PartLoss, whole_loss: PartLoss) -> None:
        super().__init__()
        self.branch, self.head, self.whole = branch, heads.regions, heads.whole
        self.region_loss, self.whole_loss = region_loss, whole_loss

    def train(self, mode: bool = True) -> RetrievalTraining:
        """Batch norms keep their ImageNet statistics."""
        super().train(mode)
        keep_statistics(self.branch.backbone)
        return self

    def forward(self, rows: ShallowRows) -> tuple[Tensor, Tensor]:
        """Unit vectors [B,5,D] of the views' own regions, and [B,1,2*D] of the garments as a whole, whose products are
        the mean similarities of their parts."""
        regions, grid = pooled(self.branch, rows, self.head.config.pool_size)
        return self.head(regions, rows.visible), unit(self.whole(grid).flatten(1))[:, None]


@dataclasses.dataclass(frozen=True)
class RetrievalData:
    """`learn` and `held_out` garments of the training photos, of the latter the copies that calibrate; `validation`
    those of others. `whole`: garments that the head of the whole is fitted to. `worn`: garments on people to learn
    from, where there are photos of people."""

    learn: StoredViews
    held_out: CalibratingViews
    validation: StoredViews
    whole: WholeGarments
    worn: StoredViews | None = None

    @property
    def garments(self) -> int:
        """How many garments are learnt from; those of `worn` are numbered after those of `learn`."""
        return self.learn.garments + (self.worn.garments if self.worn is not None else 0)


class RetrievalTask(Task[RetrievalBatch]):
    """Learns which regions belong to one garment."""

    network: RetrievalTraining

    def __init__(
        self, encoder: Encoder, heads: Heads, data: RetrievalData, options: RetrievalOptions, seed: int = 0
    ) -> None:
        torch.manual_seed(seed)
        self._encoder, self._data, self._options, self._seed = encoder, data, options, seed
        region_loss, whole_loss = (
            PartLoss(options.loss, parts, options.region_loss, data.garments, dimension)
            for parts, dimension in (
                (len(REGIONS), heads.regions.config.dimension),
                (1, heads.whole.config.parts * heads.whole.config.dimension),
            )
        )
        self.network = RetrievalTraining(encoder.retrieval, heads, region_loss, whole_loss)
        self._start = [copy.deepcopy(part.state_dict()) for part in self._served]

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """The backbone's later stages, the map's projection, both heads, and the losses where they have weights."""
        branch = self.network.branch
        stages = [parameter for stage in branch.backbone.stages[SHALLOW_STAGES:] for parameter in stage.parameters()]
        groups = {
            "features": stages,
            "projection": [*branch.project.parameters(), branch.bias],
            "head": list(self.network.head.parameters()),
            "whole": list(self.network.whole.parameters()),
        }
        centres = [*self.network.region_loss.parameters(), *self.network.whole_loss.parameters()]
        return groups | ({"loss": centres} if centres else {})

    def batch(self, step: int) -> RetrievalBatch:
        """Garments with their original and copies."""
        views, first, options = self._data.learn, 0, self._options
        random = np.random.default_rng([self._seed, step])
        if self._data.worn is not None and random.random() < options.people:
            views, first = self._data.worn, views.garments
        garments = views.draw_garments(min(options.garments, views.garments), options.one_category, random)
        chosen = np.concatenate([views.draw(garment, options.views, random) for garment in garments])
        truth = {name: torch.from_numpy(getattr(views, name)[chosen]) for name in ("change", "mirrored")}
        return RetrievalBatch(
            **vars(views.rows(chosen)), garment=torch.from_numpy(views.garment[chosen] + first), **truth
        )

    def loss(self, batch: RetrievalBatch) -> Mapping[str, Tensor]:
        """The loss over regions, and that over garments, of which every copy is one whatever was redesigned."""
        regions, whole = self.network(batch)
        vectors = in_original_order(regions, batch.mirrored, MIRRORED)
        visible = in_original_order(batch.visible, batch.mirrored, MIRRORED)
        by_region = self.network.region_loss(vectors, batch.garment, batch.change, visible)
        kept = torch.full_like(batch.change[:, :1], KEPT)
        by_garment = self.network.whole_loss(whole, batch.garment, kept, torch.ones_like(visible[:, :1]))
        return {"loss": by_region + self._options.whole * by_garment, "regions": by_region, "whole": by_garment}

    def evaluate(self) -> Mapping[str, float]:
        """Figures on garments of other photos; see `seamline.training.measure`."""
        views = self._data.validation
        found = self._statistics(views)
        regions = Encoded(found.vectors(self.network.head), found, views.category_names, MIRRORED)
        return {**retrieval_figures(regions), "whole mAP": whole_average_precision(found, self.network.whole)}

    def finish(self, out: Path) -> None:
        """Write encoder.pt, region_head.pt, whole_head.pt, and spec.json with learnt weights and calibration."""
        for part, start in zip(self._served, self._start, strict=True):
            move_towards(part, start, self._options.start_share)
        held_out, network, whole = self._data.held_out, self.network, self._encoder.whole
        unseen = Unseen(self._statistics(held_out.views, whole), held_out.views.category_names, held_out.further)
        originals = self._data.learn.with_copies(())
        grids = self._data.whole.grids(network.branch, network.head.config, whole)
        others = Others(self._statistics(originals, whole), grids)
        write_heads(network.head, others, unseen, self._options.weights, self._seed, out)
        save(self._encoder, out / "encoder.pt")

    @property
    def _served(self) -> tuple[nn.Module, nn.Module]:
        """What learns and is served as it has learnt."""
        return self.network.branch, self.network.head

    def _statistics(self, views: StoredViews, whole: WholeBranch | None = None) -> RegionStatistics:
        return statistics_of(self.network.branch, views, self.network.head.config, whole)


def build(sources: Sources, options: RetrievalOptions, seed: int) -> RetrievalTask:
    """The task on the sources' photos. Raises BadConfig where there is no encoder to start from, or too little to
    learn from."""
    check(options)
    encoder = start_encoder(sources, options, seed).to(memory_format=torch.channels_last)
    train, validation = (_views(sources, encoder, options, part, seed) for part in ("train", "validation"))
    learn, held_out = divided(train, options.held_out)
    originals = worn_originals(sources, options)
    people = worn_views(originals, sources, encoder, options)
    worn, unseen = (None, None) if people is None else divided(people, options.held_out)
    calibrating = CalibratingViews.of(held_out, unseen, options)
    garments = whole_garments(sources, encoder, options, originals)
    data = RetrievalData(learn, calibrating, validation.first(options.validation), garments, worn)
    if data.learn.garments < options.garments or held_out.garments < 2 or data.validation.garments < 2:
        raise BadConfig(f"labels: {train.garments} garments to learn from and {validation.garments} others are too few")
    heads = start_heads(encoder, data.learn, garments, options, sources.work)
    return RetrievalTask(encoder, heads, data, options, seed)


def _views(sources: Sources, encoder: Encoder, options: RetrievalOptions, part: str, seed: int) -> StoredViews:
    labels = sources.train(options.trust) if part == "train" else sources.validation(options.trust)
    return views_of(sources, encoder, trusted(labels, options.trust), options, part, seed)


KIND = TaskKind(
    RetrievalOptions(),
    LoopSettings(
        steps=1000,
        optimiser="adamw",
        rate=5e-5,
        schedule="cosine",
        last_rate=0.02,
        warm_up=30,
        clip=5.0,
        groups={
            "head": GroupSettings(rate=5e-4),
            "whole": GroupSettings(rate=1e-3),
            "projection": GroupSettings(rate=1e-5),
        },
    ),
    build,
    check,
)
