"""The head of an FCOS detector that also says which way up a garment lies.

A turned garment's axis-parallel box says neither where its top is nor how large it is. So each cell also predicts the
garment's turn (direction_head.py), and the distances to the four sides of the box that is parallel to the garment's own
axes: FCOS's regression (Tian et al., ICCV 2019) in a turned frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.fcos import FCOSHead
from torchvision.ops import generalized_box_iou_loss

from seamline.nn.direction_head import direction_loss

_TURN_WEIGHT = 0.5
_SHORTEST = 1e-3
"""Length below which a direction is none."""


class OrientedHead(FCOSHead):  # type: ignore[misc, unused-ignore]
    """torchvision's head with `oriented`, the four distances of each cell along the garment's axes, from the features
    that its boxes and its categories come from: where the collar is says which way up a shirt lies."""

    def __init__(self, channels: int, categories: int, convolutions: int) -> None:
        super().__init__(channels, 1, categories, convolutions)
        self.oriented = nn.Conv2d(2 * channels, 4, kernel_size=3, padding=1)

    def say_upright(self) -> None:
        """Make the turned box the axis-parallel one, whatever the features are."""
        boxes = self.regression_head.bbox_reg
        weight, bias = self.oriented.parameters()
        with torch.no_grad():
            weight.zero_()
            weight[:, : boxes.in_channels] = boxes.weight
            bias.copy_(boxes.bias)

    def forward(self, x: list[Tensor]) -> dict[str, Tensor]:
        """Maps [B,C,H,W] -> outputs [B,cells,...] of all of them."""
        logits, boxes, centrality, oriented = [], [], [], []
        for level in x:
            features, named = self.regression_head.conv(level), self.classification_head.conv(level)
            logits.append(_by_cell(self.classification_head.cls_logits(named)))
            boxes.append(_by_cell(functional.relu(self.regression_head.bbox_reg(features))))
            centrality.append(_by_cell(self.regression_head.bbox_ctrness(features)))
            oriented.append(_by_cell(functional.relu(self.oriented(torch.cat([features, named], dim=1)))))
        return {
            "cls_logits": torch.cat(logits, dim=1),
            "bbox_regression": torch.cat(boxes, dim=1),
            "bbox_ctrness": torch.cat(centrality, dim=1),
            "oriented": torch.cat(oriented, dim=1),
        }

    def compute_loss(
        self,
        targets: list[dict[str, Tensor]],
        head_outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched_idxs: list[Tensor],
    ) -> dict[str, Tensor]:
        """torchvision's losses of categories and boxes; `bbox_ctrness` of the overlap that a cell expects of its box;
        `upright` of the turned boxes and `turn` of the directions."""
        losses: dict[str, Tensor] = super().compute_loss(targets, head_outputs, anchors, matched_idxs)
        learning = [matched >= 0 for matched in matched_idxs]
        rows = list(zip(targets, anchors, matched_idxs, learning, strict=True))
        wanted = torch.cat([encode_upright(one["upright"][place[own]], at[own]) for one, at, place, own in rows])
        boxes = torch.cat([one["boxes"][place[own]] for one, _, place, own in rows])
        cells = torch.stack(learning)
        found = self.box_coder.decode(head_outputs["bbox_regression"].detach(), torch.stack(anchors))[cells]
        expected = head_outputs["bbox_ctrness"].squeeze(-1)[cells]
        predicted, logits = head_outputs["oriented"][cells], head_outputs["direction"][cells]
        overlap = generalized_box_iou_loss(_as_boxes(predicted), _as_boxes(wanted), reduction="sum")
        return {
            **losses,
            "bbox_ctrness": _overlap_loss(expected, found, boxes),
            "upright": overlap / max(1, len(wanted)),
            "turn": _TURN_WEIGHT * direction_loss(logits, wanted[:, 4:]),
        }


def _overlap_loss(expected: Tensor, found: Tensor, boxes: Tensor) -> Tensor:
    """Cross entropy of logits [n] with the overlap of the boxes found [n,4] and true, in place of FCOS's centrality,
    which is small for a garment whose middle others cover however well its box fits (Wu, Li and Wang, IVC 2020)."""
    overlap = (1.0 - generalized_box_iou_loss(found, boxes)).clamp(min=0.0)
    total = functional.binary_cross_entropy_with_logits(expected, overlap, reduction="sum")
    return total / max(1, len(boxes))


def _by_cell(level: Tensor) -> Tensor:
    return level.permute(0, 2, 3, 1).flatten(1, 2)


def _as_boxes(distances: Tensor) -> Tensor:
    return torch.cat([-distances[:, :2], distances[:, 2:4]], dim=-1)


def encode_upright(upright: Tensor, at: Tensor) -> Tensor:
    """Boxes [n,6] (centre, width, height, cosine, sine) at the cells [n,4] -> distances, cosine and sine, [n,6]."""
    unit = at[:, 2:3] - at[:, :1]
    away = (at[:, :2] + at[:, 2:]) / 2 - upright[:, :2]
    cosine, sine = upright[:, 4:5], upright[:, 5:]
    own = torch.cat([cosine * away[:, :1] + sine * away[:, 1:], cosine * away[:, 1:] - sine * away[:, :1]], dim=-1)
    half = upright[:, 2:4] / 2
    distances = torch.cat([half + own, half - own], dim=-1) / unit
    return torch.cat([distances.clamp(min=0.0), upright[:, 4:]], dim=-1)


def decode_upright(oriented: Tensor, direction: Tensor, at: Tensor) -> Tensor:
    """Distances [B,n,4] and directions [B,n,2] at the cells [n,4] -> centre, width and height in input pixels, and the
    directions as they are, [B,n,6]."""
    reach = oriented * (at[:, 2:3] - at[:, :1])
    away = (reach[..., 2:] - reach[..., :2]) / 2
    unit = direction / torch.sqrt((direction**2).sum(-1, keepdim=True)).clamp(min=_SHORTEST)
    cosine, sine = unit[..., :1], unit[..., 1:]
    x = cosine * away[..., :1] - sine * away[..., 1:]
    y = sine * away[..., :1] + cosine * away[..., 1:]
    centres = (at[:, :2] + at[:, 2:]) / 2 + torch.cat([x, y], dim=-1)
    return torch.cat([centres, reach[..., :2] + reach[..., 2:], direction], dim=-1)
