"""The head of an FCOS detector that also says which way up a garment lies.

A turned garment's axis-parallel box says neither where its top is nor how large it is. So each cell also predicts the
cosine and sine of the garment's turn, and the distances to the four sides of the box that is parallel to the garment's
own axes: FCOS's regression (Tian et al., ICCV 2019) in a turned frame. A turn is clockwise as seen in the picture: the
garment's x axis points along (cosine, sine), its y axis along (-sine, cosine).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.fcos import FCOSHead
from torchvision.ops import generalized_box_iou_loss

OUTPUTS = 6
"""Numbers of a cell: distances to left, top, right and bottom, cosine and sine."""

_TURN_WEIGHT = 3.0
_SHORTEST = 1e-3
"""Length below which a direction is none."""


class OrientedHead(FCOSHead):  # type: ignore[misc, unused-ignore]
    """torchvision's head with `oriented`, six numbers of each cell from the features that its boxes and its categories
    come from: where the collar is says which way up a shirt lies."""

    def __init__(self, channels: int, categories: int, convolutions: int) -> None:
        super().__init__(channels, 1, categories, convolutions)
        self.oriented = nn.Conv2d(2 * channels, OUTPUTS, kernel_size=3, padding=1)

    def say_upright(self) -> None:
        """Make the turn none and the turned box the axis-parallel one, whatever the features are."""
        boxes = self.regression_head.bbox_reg
        weight, bias = self.oriented.parameters()
        with torch.no_grad():
            weight.zero_()
            weight[:4, : boxes.in_channels] = boxes.weight
            bias.copy_(torch.cat([boxes.bias, boxes.bias.new_tensor([1.0, 0.0])]))

    def forward(self, x: list[Tensor]) -> dict[str, Tensor]:
        """Maps [B,C,H,W] -> outputs [B,cells,...] of all of them."""
        logits, boxes, centrality, oriented = [], [], [], []
        for level in x:
            features, named = self.regression_head.conv(level), self.classification_head.conv(level)
            logits.append(_by_cell(self.classification_head.cls_logits(named)))
            boxes.append(_by_cell(functional.relu(self.regression_head.bbox_reg(features))))
            centrality.append(_by_cell(self.regression_head.bbox_ctrness(features)))
            oriented.append(_by_cell(self.oriented(torch.cat([features, named], dim=1))))
        raw = torch.cat(oriented, dim=1)
        return {
            "cls_logits": torch.cat(logits, dim=1),
            "bbox_regression": torch.cat(boxes, dim=1),
            "bbox_ctrness": torch.cat(centrality, dim=1),
            "oriented": torch.cat([functional.relu(raw[..., :4]), raw[..., 4:]], dim=-1),
        }

    def compute_loss(
        self,
        targets: list[dict[str, Tensor]],
        head_outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched_idxs: list[Tensor],
    ) -> dict[str, Tensor]:
        """torchvision's losses, `upright` of the turned boxes and `turn` of the directions."""
        losses: dict[str, Tensor] = super().compute_loss(targets, head_outputs, anchors, matched_idxs)
        rows = zip(targets, head_outputs["oriented"], anchors, matched_idxs, strict=True)
        found = [_learnt(target["upright"], *row) for target, *row in rows]
        predicted, wanted = torch.cat([one for one, _ in found]), torch.cat([one for _, one in found])
        count = max(1, len(wanted))
        overlap = generalized_box_iou_loss(_as_boxes(predicted), _as_boxes(wanted), reduction="sum") / count
        turn = functional.mse_loss(predicted[:, 4:], wanted[:, 4:], reduction="sum") / count
        return {**losses, "upright": overlap, "turn": _TURN_WEIGHT * turn}


def _by_cell(level: Tensor) -> Tensor:
    return level.permute(0, 2, 3, 1).flatten(1, 2)


def _learnt(upright: Tensor, predicted: Tensor, at: Tensor, matched: Tensor) -> tuple[Tensor, Tensor]:
    """What the cells that learn a garment said, and what they should have said: [m,6] each."""
    learning = matched >= 0
    return predicted[learning], encode_upright(upright[matched[learning]], at[learning])


def _as_boxes(distances: Tensor) -> Tensor:
    return torch.cat([-distances[:, :2], distances[:, 2:4]], dim=-1)


def encode_upright(upright: Tensor, at: Tensor) -> Tensor:
    """Boxes [n,6] (centre, width, height, cosine, sine) at the cells [n,4] -> what the head should say, [n,6]."""
    unit = at[:, 2:3] - at[:, :1]
    away = (at[:, :2] + at[:, 2:]) / 2 - upright[:, :2]
    cosine, sine = upright[:, 4:5], upright[:, 5:]
    own = torch.cat([cosine * away[:, :1] + sine * away[:, 1:], cosine * away[:, 1:] - sine * away[:, :1]], dim=-1)
    half = upright[:, 2:4] / 2
    distances = torch.cat([half + own, half - own], dim=-1) / unit
    return torch.cat([distances.clamp(min=0.0), upright[:, 4:]], dim=-1)


def decode_upright(oriented: Tensor, at: Tensor) -> Tensor:
    """What the head says [B,n,6] at the cells [n,4] -> centre, width and height in input pixels, cosine and sine as the
    head says them, [B,n,6]."""
    reach = oriented[..., :4] * (at[:, 2:3] - at[:, :1])
    away = (reach[..., 2:] - reach[..., :2]) / 2
    direction = oriented[..., 4:]
    unit = direction / torch.sqrt((direction**2).sum(-1, keepdim=True)).clamp(min=_SHORTEST)
    cosine, sine = unit[..., :1], unit[..., 1:]
    x = cosine * away[..., :1] - sine * away[..., 1:]
    y = sine * away[..., :1] + cosine * away[..., 1:]
    centres = (at[:, :2] + at[:, 2:]) / 2 + torch.cat([x, y], dim=-1)
    return torch.cat([centres, reach[..., :2] + reach[..., 2:], direction], dim=-1)
