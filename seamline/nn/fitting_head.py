"""The head of an FCOS detector whose cells say how well their boxes fit.

FCOS (Tian et al., ICCV 2019) ranks boxes by how central their cell lies, which is low for a garment whose middle others
cover, however well its box fits. Here a cell learns the overlap of its own box with the true one in its place (Wu, Li
and Wang, IVC 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection.fcos import FCOSHead
from torchvision.ops import generalized_box_iou_loss


class FittingHead(FCOSHead):  # type: ignore[misc, unused-ignore]
    """torchvision's head, `bbox_ctrness` of which is the overlap that a cell expects of its box."""

    def __init__(self, channels: int, categories: int, convolutions: int) -> None:
        super().__init__(channels, 1, categories, convolutions)

    def compute_loss(
        self,
        targets: list[dict[str, Tensor]],
        head_outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched_idxs: list[Tensor],
    ) -> dict[str, Tensor]:
        """torchvision's losses of categories and boxes, and that of the expected overlap."""
        losses: dict[str, Tensor] = super().compute_loss(targets, head_outputs, anchors, matched_idxs)
        rows = zip(targets, matched_idxs, strict=True)
        boxes = torch.cat([one["boxes"][place[place >= 0]] for one, place in rows])
        cells = torch.stack(matched_idxs) >= 0
        found = self.box_coder.decode(head_outputs["bbox_regression"].detach(), torch.stack(anchors))[cells]
        expected = head_outputs["bbox_ctrness"].squeeze(-1)[cells]
        return {**losses, "bbox_ctrness": _overlap_loss(expected, found, boxes)}


def _overlap_loss(expected: Tensor, found: Tensor, boxes: Tensor) -> Tensor:
    """Cross entropy of logits [n] with the overlap of the boxes found [n,4] and true."""
    overlap = (1.0 - generalized_box_iou_loss(found, boxes)).clamp(min=0.0)
    total = functional.binary_cross_entropy_with_logits(expected, overlap, reduction="sum")
    return total / max(1, len(boxes))
