"""Options of the retrieval task."""

from __future__ import annotations

import dataclasses

from seamline.losses.part_loss import PartLossSettings
from seamline.systems.psnet_lite.projection import ProjectionSettings
from seamline.training.generated_copies import CopyPlan
from seamline.training.part_weights import WeightSearch
from seamline.training.second_photos import SecondPhotoPlan

_MOST_REDESIGNED, _MOST_WORN = 2, 3
ACROSS_SCENES = 2
"""Copies on people of each flat garment that fits them by which the probability is set: of one to four, the number with
which the kind of copies whose probabilities hold least has the smallest error. The order of hits is set by the first
alone: by more, second photos of flat garments are found less well."""


@dataclasses.dataclass(frozen=True)
class RetrievalOptions:
    """`landmarks`: the landmarks.pt of a trained landmark branch; with ImageNet features, and a map projection that is
    fitted as `projection` says, it is the encoder to start from. `start`: a folder with an encoder.pt to start from
    instead. Its landmark branch and first stages stay as they are. `start_share`: of the start's weights in the result,
    the average of both (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022): what training on made
    copies gains is mostly kept, and so is what the start knew of real photos.

    A batch has `garments`, each with `views`: the original and copies. Beside the loss over regions, one over the
    garment as a whole counts `whole` times. A share of `one_category` of the batches shows
    garments of a single category, which are harder to tell apart. `copies`: generated copies of a garment; `repainted`:
    further ones by `seamline.systems.psnet.perturb`, whose edits look otherwise, so that nothing is learnt that holds
    for one program's edits only. `second_photos`: views of the unchanged garment as another photo would show it, in
    other colours, and worn by people. `worn`: copies of garments on people, whom a share of `people` of the batches
    shows, where the folder of photos has people with landmarks. `trust`: how far points and mask of a label must be
    trusted. Every `held_out`-th garment is not learnt from: similarities are calibrated on these. `shrinkage`: of the
    discriminant that the region head starts from. `validation`: garments of other photos that evaluation searches with.
    """

    landmarks: str = ""
    start: str = ""
    start_share: float = 0.0
    projection: ProjectionSettings = dataclasses.field(default_factory=ProjectionSettings)
    garments: int = 16
    views: int = 4
    one_category: float = 0.6
    copies: CopyPlan = dataclasses.field(
        default_factory=lambda: CopyPlan(("medium", "easy", "medium", "medium", "hard"), (0, None, None, None, None))
    )
    repainted: int = 4
    second_photos: SecondPhotoPlan = dataclasses.field(default_factory=SecondPhotoPlan)
    worn: CopyPlan = dataclasses.field(default_factory=lambda: CopyPlan(("worn",) * 6, (0, *(None,) * 5)))
    people: float = 0.2
    trust: float = 0.7
    held_out: int = 10
    shrinkage: float = 0.1
    loss: str = "supcon"
    region_loss: PartLossSettings = dataclasses.field(default_factory=lambda: PartLossSettings(memory=1024))
    whole: float = 1.0
    weights: WeightSearch = dataclasses.field(default_factory=WeightSearch)
    validation: int = 250
    threads_for_copies: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.start_share < 1:
            raise ValueError("start_share must be a number from 0 on and below 1")

    @property
    def calibration_copies(self) -> tuple[int, ...]:
        """Numbers of the copies that similarities are calibrated on: the plan's medium ones with redesigned regions,
        or all of the plan's where it has none, one second photo and one on a person."""
        plan, first, second = self.copies, len(self.copies.levels), self.second_photos
        medium = [
            number for number, level in enumerate(plan.levels) if (level, plan.regions[number]) == ("medium", None)
        ]
        own = (medium or range(first))[:_MOST_REDESIGNED]
        return (*own, *((first,) * bool(second.photographs)), *self._across_scenes[:1])

    @property
    def probability_copies(self) -> tuple[int, ...]:
        """Numbers of the further copies on people that the probability alone is calibrated on."""
        return tuple(self._across_scenes[1:ACROSS_SCENES])

    @property
    def _across_scenes(self) -> range:
        second = self.second_photos
        first = len(self.copies.levels) + second.photographs + second.dyed
        return range(first, first + second.worn)

    @property
    def calibration_worn(self) -> tuple[int, ...]:
        """The same of the copies of garments on people: redesigned ones."""
        redesigned = [number for number, regions in enumerate(self.worn.regions) if regions != 0]
        return tuple(redesigned[:_MOST_WORN])
