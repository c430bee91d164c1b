"""The garments to which the head of the whole is fitted: flat ones and such that people wear, one view each.

Neither landmarks nor masks are needed, only boxes, so these are more than the garments whose regions are learnt. The
more they are, the less a whitened PCA takes the chance of its sample for what garments differ in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.data.label_file import Label
from seamline.data.measured_photos import paired_photos
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet_lite.encoder import Encoder, RetrievalBranch, WholeBranch
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.region_head import RegionHeadConfig
from seamline.systems.psnet_lite.shallow_features import shallow_features
from seamline.systems.psnet_lite.stored_views import StoredViews, statistics_of
from seamline.systems.psnet_lite.views import photos_kept_apart, trusted
from seamline.training.boxed_garments import build_boxed_store
from seamline.training.people import build_people_store
from seamline.training.sources import Sources
from seamline.training.views import ViewStore

Floats = NDArray[np.float32]

PEOPLE_SHARE = 0.15
"""Of the garments that the head of the whole is fitted to. With none, what all people have in common makes any two of
them alike; with half of all, second photos of flat garments are found less well."""

_LEAST_BOX_TRUST = 0.5


@dataclasses.dataclass(frozen=True)
class WholeGarments:
    """Views of `flat` garments, and of garments on `people`, of whom there may be none."""

    flat: StoredViews
    people: StoredViews | None

    def grids(self, branch: RetrievalBranch, config: RegionHeadConfig, whole: WholeBranch | None = None) -> Floats:
        """Grids [N,C,3,2] of both, of people so many that they have a share of PEOPLE_SHARE, or all of few."""
        flat = statistics_of(branch, self.flat, config, whole).grid
        if self.people is None:
            return flat
        people = self.people.first(round(len(flat) * PEOPLE_SHARE / (1 - PEOPLE_SHARE)))
        return np.concatenate([flat, statistics_of(branch, people, config, whole).grid])


def whole_garments(
    sources: Sources, encoder: Encoder, options: RetrievalOptions, worn: Sequence[Label] = ()
) -> WholeGarments:
    """The garments of the training photos whose boxes can be trusted, and of the street photos that train networks;
    kept in the work folder. Without those that similarities are calibrated on, some of the garments `worn` among them,
    and without photos of pairs.json."""
    flat = build_boxed_store(_flat_labels(sources, options), sources.photos, sources.work / "boxed")
    apart = photos_kept_apart(worn, options.held_out)
    people = build_people_store(sources.photos, sources.work / "people", apart)
    return WholeGarments(
        _views(flat, encoder, sources, "shallow-boxed"),
        None if people is None else _views(people, encoder, sources, "shallow-people"),
    )


def _views(store: ViewStore, encoder: Encoder, sources: Sources, name: str) -> StoredViews:
    return StoredViews.of([(store, shallow_features(encoder, store, DEFAULT_SPEC, sources.work / name))])


def _flat_labels(sources: Sources, options: RetrievalOptions) -> list[Label]:
    learnt = trusted(sources.train(options.trust), options.trust)
    left_out = photos_kept_apart(learnt, options.held_out) | paired_photos(sources.photos)
    return [label for label in sources.train() if label.box_trust >= _LEAST_BOX_TRUST and label.photo not in left_out]
