"""The detector network: shapes, geometry, folding, freezing."""

import pytest

pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("torchvision", reason="the extra `train` is not installed")

import torch
from torch import nn
from torchvision.models.detection._utils import BoxLinearCoder

from seamline.core.spec import CATEGORIES
from seamline.nn.backbone import Lite0
from seamline.nn.detector import CELLS, SIDE, Detector, DetectorForExport, cells, decode_boxes, fold_batch_norm
from seamline.nn.direction_head import BINS


@pytest.fixture(scope="module")
def detector() -> Detector:
    torch.manual_seed(0)
    return Detector()


def photos(count: int, side: int = SIDE) -> torch.Tensor:
    return torch.randint(0, 256, (count, side, side, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def outputs(distances: torch.Tensor) -> dict[str, torch.Tensor]:
    """Raw outputs for one photo with these distances [1,1344,4], of which the head says that all lie upright."""
    upright = torch.zeros(1, CELLS, BINS)
    upright[..., 0] = 20.0
    logits, centrality = torch.zeros(1, CELLS, len(CATEGORIES)), torch.zeros(1, CELLS, 1)
    return {
        "cls_logits": logits, "bbox_regression": distances, "bbox_ctrness": centrality, "direction": upright,
    }  # fmt: skip


def target(box: tuple[float, float, float, float], label: int, side: int = SIDE) -> dict[str, torch.Tensor]:
    """A garment that lies upright and fills its box."""
    x0, y0, x1, y1 = box
    shown = torch.zeros(side, side, dtype=torch.int64)
    shown[round(y0) : round(y1), round(x0) : round(x1)] = 1
    boxes, labels, turns = torch.tensor([box]), torch.tensor([label]), torch.tensor([[1.0, 0.0]])
    possible = torch.nn.functional.one_hot(labels, len(CATEGORIES)).bool()
    return {"boxes": boxes, "labels": labels, "possible": possible, "turns": turns, "shown": shown}


@pytest.mark.parametrize("count", [1, 3])
def test_boxes_lie_in_the_input_and_scores_between_0_and_1(detector: Detector, count: int) -> None:
    with torch.inference_mode():
        boxes, scores, directions = DetectorForExport(detector)(photos(count))
    assert boxes.shape == (count, CELLS, 4)
    assert scores.shape == (count, CELLS, len(CATEGORIES))
    assert directions.shape == (count, CELLS, 2)
    assert boxes.min() >= 0
    assert boxes.max() <= SIDE
    assert (boxes[..., 2:] >= boxes[..., :2]).all()
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_a_photos_result_does_not_depend_on_its_batch(detector: Detector) -> None:
    batch = photos(2)
    with torch.inference_mode():
        together = DetectorForExport(detector)(batch)
        alone = DetectorForExport(detector)(batch[1:])
    for both, one in zip(together, alone, strict=True):
        torch.testing.assert_close(both[1:], one, rtol=1e-4, atol=1e-4)


def test_cells_are_ordered_by_stride_then_row_by_row() -> None:
    centres = (cells()[:, :2] + cells()[:, 2:]) / 2
    assert len(centres) == CELLS == 1344
    assert centres[0].tolist() == [4.0, 4.0]
    assert centres[1].tolist() == [12.0, 4.0]
    assert centres[32].tolist() == [4.0, 12.0]
    assert centres[1024].tolist() == [8.0, 8.0]
    assert centres[-1].tolist() == [240.0, 240.0]


def test_decoding_gives_back_the_boxes_that_the_loss_encodes() -> None:
    at = cells()
    boxes = torch.tensor([[31.5, 40.0, 200.25, 251.0]]).expand(len(at), 4)
    inside = ((at[:, :2] > boxes[:, :2]) & (at[:, 2:] < boxes[:, 2:])).all(1)
    distances = BoxLinearCoder(normalize_by_size=True).encode(at, boxes)
    decoded = decode_boxes(distances[None], at)[0]
    torch.testing.assert_close(decoded[inside], boxes[inside])


MIDDLE = torch.full((CELLS,), -1).index_fill(0, torch.tensor([1300, 1301]), 0)


def test_perfect_boxes_cost_nothing_and_expect_to_fit(detector: Detector) -> None:
    garment = target((20.0, 30.0, 220.0, 240.0), 1)
    distances = BoxLinearCoder(normalize_by_size=True).encode(cells(), garment["boxes"].expand(CELLS, 4))
    losses = detector.fcos.head.compute_loss([garment], outputs(distances[None]), [cells()], [MIDDLE])
    assert losses["bbox_regression"] == pytest.approx(0.0, abs=1e-5)
    said = {**outputs(distances[None]), "bbox_ctrness": torch.full((1, CELLS, 1), 20.0)}
    assert detector.fcos.head.compute_loss([garment], said, [cells()], [MIDDLE])["bbox_ctrness"] < 1e-4
    worse = {**said, "bbox_regression": distances[None] * 0.7}
    assert detector.fcos.head.compute_loss([garment], worse, [cells()], [MIDDLE])["bbox_ctrness"] > 1


def test_an_ambiguous_garment_costs_what_its_likeliest_category_costs(detector: Detector) -> None:
    shown, pixels = target((8.0, 8.0, 50.0, 50.0), 3, side=64), photos(1, 64)
    told = [{**shown, "possible": torch.eye(len(CATEGORIES), dtype=torch.bool)[[label]]} for label in (3, 7)]
    either = {**shown, "possible": told[0]["possible"] | told[1]["possible"]}
    with torch.inference_mode():
        costs = [float(detector.loss(pixels, [one])["classification"]) for one in (*told, either)]
    assert costs[2] == pytest.approx(min(costs[:2]))


def test_photos_without_garments_have_a_loss(detector: Detector) -> None:
    none = torch.zeros(0, len(CATEGORIES), dtype=torch.bool)
    empty = {"boxes": torch.zeros(0, 4), "possible": none, "turns": torch.zeros(0, 2)}
    empty["shown"] = torch.zeros(64, 64, dtype=torch.int64)
    losses = detector.loss(photos(2, 64), [empty, empty])
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert losses["bbox_regression"] == losses["turn"] == 0


def test_the_stages_up_to_stride_8_are_not_trained(detector: Detector) -> None:
    garment = target((8.0, 8.0, 50.0, 50.0), 3, side=64)
    torch.stack(list(detector.loss(photos(1, 64), [garment]).values())).sum().backward()
    stages = detector.fcos.backbone.backbone.stages
    assert all(weight.grad is None for stage in stages[:3] for weight in stage.parameters())
    assert any(weight.grad is not None for weight in stages[4].parameters())


def test_folding_batch_norm_changes_nothing_but_the_layers() -> None:
    torch.manual_seed(0)
    backbone = Lite0().eval()
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    pixels = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        before = backbone(pixels)
    fold_batch_norm(backbone)
    with torch.inference_mode():
        after = backbone(pixels)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in backbone.modules())
    for a, b in zip(before, after, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3 * float(a.abs().max()))
