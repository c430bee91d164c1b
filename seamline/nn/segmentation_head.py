"""Whose cloth each pixel shows, learnt beside the boxes and left out of what is exported.

Photos with pixel labels are few, and a box says little of them: what belongs to a coat and what to the shirt below it
is said by their pixels. It is a second task on the same features, as the mask branch of Mask R-CNN is (He et al., ICCV
2017).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

PERSON = 255
"""In a map of garments: skin, hair, shoes and bags."""

UNKNOWN = 254
"""In a map of garments: not to be learnt, since too little of the garment is left."""

_IGNORED = -100
_BACKGROUND_WEIGHT = 0.3


class SegmentationHead(nn.Module):
    """The pyramid's finest map [B,C,H,W] -> logits [B,1+categories+1,H,W]: nothing, a garment of the category, a
    person."""

    def __init__(self, channels: int, categories: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(), nn.Conv2d(channels, categories + 2, 1)
        )

    def forward(self, finest: Tensor) -> Tensor:
        logits: Tensor = self.layers(finest)
        return logits


def wanted_classes(shown: Tensor, labels: Tensor, categories: int) -> Tensor:
    """A map of garments [H,W], k for the k-th, and the garments' categories [n] -> classes of `SegmentationHead`."""
    classes = labels.new_full((PERSON + 1,), _IGNORED)
    classes[0], classes[PERSON] = 0, categories + 1
    classes[1 : 1 + len(labels)] = labels + 1
    return classes[shown]


def segmentation_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Mean cross entropy of logits [B,K,H,W] over the pixels whose class [B,H,W] is known."""
    weights = logits.new_ones(logits.shape[1])
    weights[0] = _BACKGROUND_WEIGHT
    if bool((wanted == _IGNORED).all()):
        return logits.sum() * 0.0
    return functional.cross_entropy(logits, wanted, weights, ignore_index=_IGNORED)
