"""The options of PS-Net's training; the defaults are the paper's where it says something."""

from __future__ import annotations

import dataclasses
from typing import Literal

from seamline.core.spec import LANDMARKS
from seamline.losses.part_loss import NAMES, PartLossSettings
from seamline.systems.psnet.config import PSNetConfig
from seamline.training.generated_copies import CopyPlan
from seamline.training.part_weights import WeightSearch
from seamline.training.settings import refuse


@dataclasses.dataclass(frozen=True)
class PSNetOptions:
    """`batch` crops of `batch` / `views` garments a step: each garment's original and copies of it.

    `source` of the copies: "generated" (made once by `seamline.data.copies` as `copies` says, then kept) or "perturbed"
    (plainer ones, made anew for every batch). `landmark_views`: crops per step that teach landmarks only; generated
    copies have no landmarks. `boxes`: where region boxes come from in training: the labelled landmarks where
    there are some, or always the network's own, as when serving. `backbone_weights`: "imagenet", "random" or a file;
    `landmark_backbone`: a landmarks.pt or encoder.pt whose landmark branch lends its backbone, which stays as it is;
    `start`: a psnet.pt to start from instead of all these. `keep_statistics`: batch norms of the backbones stay as
    they were pre-trained. `trust` of a label from which its garment is learnt from. `validation_garments`,
    `validation_copies`: what is evaluated and calibrated on; `weight_garments` of the training photos and their copies
    teach the region weights.
    """

    network: PSNetConfig = dataclasses.field(default_factory=PSNetConfig)
    backbone_weights: str = "imagenet"
    landmark_backbone: str = ""
    start: str = ""
    keep_statistics: bool = False
    loss: str = "triplet"
    region_loss: PartLossSettings = dataclasses.field(default_factory=PartLossSettings)
    landmark_sigma: float = 1.0
    batch: int = 64
    views: int = 4
    landmark_views: int = 0
    source: Literal["perturbed", "generated"] = "perturbed"
    copies: CopyPlan = dataclasses.field(default_factory=CopyPlan)
    boxes: Literal["labels", "prediction"] = "labels"
    trust: float = 0.85
    validation_garments: int = 200
    validation_copies: int = 5
    weight_garments: int = 400
    weights: WeightSearch = dataclasses.field(default_factory=WeightSearch)

    def __post_init__(self) -> None:
        refuse(self.loss not in NAMES, f"loss must be one of {', '.join(NAMES)}, not {self.loss!r}")
        refuse(
            bool(self.landmark_backbone) and self.network.shared_backbone,
            "landmark_backbone needs a backbone of the landmark branch's own: network.shared_backbone must be false",
        )
        refuse(self.views < 2, "views must be at least 2: an original and a copy")
        refuse(
            self.batch < 2 * self.views or self.batch % self.views != 0, "batch must be a multiple of views, at least 2"
        )
        refuse(self.landmark_views < 0, "landmark_views must not be negative")
        refuse(self.network.landmarks != len(LANDMARKS), f"network.landmarks must be {len(LANDMARKS)}, as labelled")
        for name in ("validation_garments", "weight_garments"):
            refuse(getattr(self, name) < 2, f"{name} must be at least 2")
        refuse(self.validation_copies < 1, "validation_copies must be at least 1")
