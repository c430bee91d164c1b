"""The garment detector: EfficientNet-Lite0, a light feature pyramid, and torchvision's FCOS head and loss.

FCOS (Tian et al., ICCV 2019) predicts at every cell of three maps (strides 8, 16, 32) the distances to the four sides
of a box, the probability of each category, and here how well the box will fit in place of how central the cell lies in
it (fitting_head.py). Beside them a cell predicts the garment's turn (direction_head.py). Which cell learns which
garment is told by the garments' pixels (cell_targets.py), and those are learnt beside the boxes (segmentation_head.py).
The backbone's batch norms keep their ImageNet statistics, so they are folded into the convolutions before training; the
stages up to stride 8 stay as ImageNet left them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.fcos import FCOS
from torchvision.ops import FeaturePyramidNetwork

from seamline.core.spec import CATEGORIES
from seamline.nn.backbone import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0, freeze, load_imagenet, normalise
from seamline.nn.cell_targets import likeliest_labels, match_cells
from seamline.nn.direction_head import DirectionHead, at_cells, direction_loss
from seamline.nn.fitting_head import FittingHead
from seamline.nn.segmentation_head import SegmentationHead, segmentation_loss, wanted_classes

SIDE = 256
"""Side of the letterboxed input in pixels."""

STRIDES = LEVEL_STRIDES[1:]
"""Input pixels per cell of the three maps: 8, 16, 32."""

CELLS = sum((SIDE // stride) ** 2 for stride in STRIDES)
"""Boxes per photo, 1344: one for each cell, finest map first, row by row."""

_FROZEN_STAGES = 3
_CHANNELS = 64
_HEAD_CONVOLUTIONS = 2
_UNIT = 0.5
"""Strides per unit of the regressed distances. FCOS gives a map the boxes that reach 4 to 8 units from the cell, so one
half sends a garment that fills the photo to stride 32, where a cell has seen most of it."""

_TURN_WEIGHT = 0.5

_FIRST_DISTANCE = 4.0
"""Distance in units that an untrained head predicts; at zero its rectifier would have no gradient."""


class Pyramid(nn.Module):
    """Float [B,3,H,W] in -1..1 -> three maps of `out_channels` channels: the backbone that torchvision's FCOS wants."""

    def __init__(self, backbone: Lite0) -> None:
        super().__init__()
        self.backbone = backbone
        self.fpn = FeaturePyramidNetwork(list(LEVEL_CHANNELS[1:]), _CHANNELS)
        self.out_channels = _CHANNELS

    def forward(self, pixels: Tensor) -> OrderedDict[str, Tensor]:
        """Maps named by their stride, finest first."""
        return self.of_levels(self.levels(pixels))

    def levels(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """The backbone's maps at the three strides."""
        return tuple(self.backbone(pixels)[1:])

    def of_levels(self, levels: Sequence[Tensor]) -> OrderedDict[str, Tensor]:
        """The pyramid's maps of the backbone's."""
        named = zip(STRIDES, levels, strict=True)
        maps: OrderedDict[str, Tensor] = self.fpn(OrderedDict((str(stride), level) for stride, level in named))
        return maps


class Detector(nn.Module):
    """uint8 [B,side,side,3] RGB -> FCOS's raw outputs; `loss` trains them.

    Serving's side is 256; training may take another multiple of 32.
    """

    cells: Tensor

    def __init__(self, imagenet: bool = False) -> None:
        super().__init__()
        backbone = Lite0()
        if imagenet:
            load_imagenet(backbone)
        freeze(backbone, _FROZEN_STAGES)
        fold_batch_norm(backbone)
        head = FittingHead(_CHANNELS, len(CATEGORIES), _HEAD_CONVOLUTIONS)
        nn.init.constant_(head.regression_head.bbox_reg.bias, _FIRST_DISTANCE)
        sizes = tuple((round(stride * _UNIT),) for stride in STRIDES)
        self.fcos = FCOS(
            Pyramid(backbone),
            len(CATEGORIES),
            anchor_generator=AnchorGenerator(sizes, ((1.0,),) * len(sizes)),
            head=head,
        )
        self.direction = DirectionHead(LEVEL_CHANNELS[-1])
        self.segmentation = SegmentationHead(_CHANNELS, len(CATEGORIES))
        self.register_buffer("cells", cells(), persistent=False)

    def forward(self, photos: Tensor) -> dict[str, Tensor]:
        """cls_logits [B,cells,13], bbox_regression [B,cells,4] in units, bbox_ctrness [B,cells,1], and direction
        [B,cells,24], logits."""
        return self._heads(photos)[0]

    def _heads(self, photos: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The outputs, and the pyramid's finest map."""
        levels = self.fcos.backbone.levels(normalise(photos))
        maps = list(self.fcos.backbone.of_levels(levels).values())
        outputs: dict[str, Tensor] = self.fcos.head(maps)
        sizes = tuple(photos.shape[1] // stride for stride in STRIDES)
        return {**outputs, "direction": at_cells(self.direction(levels[-1]), sizes)}, maps[0]

    def loss(self, photos: Tensor, targets: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """FCOS's losses with the boxes' overlap as what a cell says of its own (`FittingHead`), `turn` and `pixels`. A
        target: `boxes` float [n,4] in input pixels, `possible` bool [n,13], the categories that each may be of, one or
        more, `turns` float [n,2], cosine and sine by which garments are turned clockwise, `shown` int64 [side,side]: k
        where the photo shows the k-th garment, 0 where it shows none, else `segmentation_head.PERSON` or `UNKNOWN`; n
        may be 0."""
        side = photos.shape[1]
        at = self.cells if side == SIDE else cells(side)
        per_map = [(side // stride) ** 2 for stride in STRIDES]
        outputs, finest = self._heads(photos)
        matched = [match_cells(at, per_map, _UNIT, one["boxes"], _at_cells(one["shown"])) for one in targets]
        named = _named(targets, outputs["cls_logits"], matched)
        losses: dict[str, Tensor] = self.fcos.head.compute_loss(named, outputs, [at] * len(targets), matched)
        classes = [wanted_classes(_every(one["shown"], STRIDES[0]), one["labels"], len(CATEGORIES)) for one in named]
        pixels = segmentation_loss(self.segmentation(finest), torch.stack(classes))
        return {**losses, "turn": _turn_loss(outputs["direction"], targets, matched), "pixels": pixels}


def _named(targets: Sequence[dict[str, Tensor]], logits: Tensor, matched: Sequence[Tensor]) -> list[dict[str, Tensor]]:
    """The targets with `labels`, from the logits [B,cells,13] at the cells that learn a garment."""
    rows = zip(targets, logits.detach(), matched, strict=True)
    return [{**one, "labels": likeliest_labels(one["possible"], seen, place)} for one, seen, place in rows]


def _turn_loss(logits: Tensor, targets: Sequence[dict[str, Tensor]], matched: Sequence[Tensor]) -> Tensor:
    """Of logits [B,cells,24], at the cells that learn a garment."""
    turns = torch.cat([one["turns"][place[place >= 0]] for one, place in zip(targets, matched, strict=True)])
    return _TURN_WEIGHT * direction_loss(logits[torch.stack(list(matched)) >= 0], turns)


def _every(shown: Tensor, stride: int) -> Tensor:
    """A map [side,side] at the middles of its cells."""
    return shown[stride // 2 :: stride, stride // 2 :: stride]


def _at_cells(shown: Tensor) -> Tensor:
    """A map [side,side] at the middles of all maps' cells, [cells]."""
    return torch.cat([_every(shown, stride).reshape(-1) for stride in STRIDES])


def training_only(detector: Detector) -> tuple[str, ...]:
    """Names of the weights that a served detector has not."""
    return tuple(f"segmentation.{name}" for name in detector.segmentation.state_dict())


def freeze_boxes(detector: Detector) -> None:
    """Keep what finds and names garments as it is, and train alone what says which way up they lie."""
    for part in (detector.fcos.backbone, detector.fcos.head.classification_head, detector.fcos.head.regression_head):
        part.requires_grad_(False)


def freeze_depthwise(detector: Detector) -> None:
    """Keep the backbone's depthwise filters: on a CPU their gradients take a tenth of a step."""
    for module in detector.fcos.backbone.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.requires_grad_(False)


class DetectorForExport(nn.Module):
    """uint8 [B,256,256,3] RGB -> boxes [B,1344,4] in input pixels, scores [B,1344,13], directions [B,1344,2]; nothing
    is suppressed.

    A score is sqrt(probability of the category * expected overlap of the box), as FCOS ranks by centrality. A direction
    points along the garment's x axis, and is shorter the less is known.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        outputs, at = self.detector(photos), self.detector.cells
        boxes = decode_boxes(outputs["bbox_regression"], at)
        scores = torch.sqrt(torch.sigmoid(outputs["cls_logits"]) * torch.sigmoid(outputs["bbox_ctrness"]))
        directions = self.detector.direction.decide(outputs["direction"])
        # exported shapes stay fixed
        return boxes, scores.reshape(-1, CELLS, len(CATEGORIES)), directions.reshape(-1, CELLS, 2)


def cells(side: int = SIDE) -> Tensor:
    """[1344,4] for a side of 256: for each cell the box about its centre with a side of one unit, FCOS's anchor."""
    return torch.cat([_cells_of(stride, side) for stride in STRIDES])


def _cells_of(stride: int, side: int) -> Tensor:
    centres = (torch.arange(side // stride, dtype=torch.float32) + 0.5) * stride
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    half = stride * _UNIT / 2
    return torch.stack([x - half, y - half, x + half, y + half], dim=-1).reshape(-1, 4)


def decode_boxes(distances: Tensor, at: Tensor) -> Tensor:
    """Distances [B,n,4] to left, top, right, bottom in units, at the cells [n,4] -> boxes [B,n,4] inside the input."""
    centres = (at[:, :2] + at[:, 2:]) / 2
    reach = distances * (at[:, 2:3] - at[:, :1])
    boxes = torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], dim=-1)
    return boxes.clamp(0.0, float(SIDE))


def fold_batch_norm(module: nn.Module) -> None:
    """Replace each batch norm by its effect, at its stored statistics, on the convolution in front of it."""
    before: nn.Conv2d | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and before is not None:
            _fold(before, child)
            setattr(module, name, nn.Identity())
        else:
            fold_batch_norm(child)
        before = _last_convolution(child)


def _last_convolution(module: nn.Module) -> nn.Conv2d | None:
    while isinstance(module, nn.Sequential):
        module = module[-1]
    return module if isinstance(module, nn.Conv2d) else None


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("only a batch norm with stored statistics can be folded")
    weight, bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
    trained = convolution.weight.requires_grad
    convolution.weight = nn.Parameter(weight.detach(), requires_grad=trained)
    convolution.bias = nn.Parameter(bias.detach(), requires_grad=trained)
