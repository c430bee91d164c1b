"""Where a heatmap's peak is read, and what the landmark branch puts out."""

from __future__ import annotations

import pytest
import torch

from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig, LandmarkMaps, at_landmarks, decode, peak_positions
from seamline.systems.psnet_lite.landmark_batch import gaussian


@pytest.fixture
def points() -> torch.Tensor:
    """Positions in cells, away from the border of a 56 x 56 map."""
    return torch.tensor([[[10.5, 20.5], [30.25, 17.8], [44.0, 44.0], [5.1, 50.6]]])


def test_a_gaussian_is_read_where_its_centre_is(points: torch.Tensor) -> None:
    heatmaps = gaussian(points, 56, sigma=1.3).clamp_min(1e-12).log().unflatten(-1, (56, 56))
    assert torch.allclose(peak_positions(heatmaps, window=5), points, atol=0.01)


def test_a_second_lower_peak_does_not_draw_the_position_away(points: torch.Tensor) -> None:
    other = points.flip(1)
    maps = gaussian(points, 56, 1.3) + 0.5 * gaussian(other, 56, 1.3)
    heatmaps = maps.clamp_min(1e-12).log().unflatten(-1, (56, 56))
    assert torch.allclose(peak_positions(heatmaps, window=3), points, atol=0.05)


def test_a_peak_in_the_corner_stays_inside_the_map() -> None:
    heatmaps = torch.zeros(1, 1, 56, 56)
    heatmaps[..., -1, -1] = 50.0
    assert torch.allclose(peak_positions(heatmaps, window=3), torch.tensor([[[55.5, 55.5]]]))


def test_decoding_gives_pixels_and_confidence(points: torch.Tensor) -> None:
    heatmaps = gaussian(points, 56, 1.3).clamp_min(1e-12).log().unflatten(-1, (56, 56))
    presence = torch.tensor([[20.0, 0.0, -20.0, 0.0]])
    landmarks = decode(LandmarkMaps(heatmaps, torch.zeros(1, 1, 56, 56), presence), window=5)
    assert torch.allclose(landmarks[..., :2], points * 4, atol=0.05)
    assert torch.allclose(landmarks[0, :, 2], torch.tensor([1.0, 0.5, 0.0, 0.5]), atol=1e-4)


@pytest.mark.parametrize("side", [160, 224])
def test_the_branch_gives_maps_at_a_quarter_of_any_side(side: int) -> None:
    branch = LandmarkBranch(LandmarkConfig(22)).eval()
    with torch.inference_mode():
        maps = branch(torch.zeros(2, 3, side, side))
    assert maps.heatmaps.shape == (2, 22, side // 4, side // 4)
    assert maps.foreground.shape == (2, 1, side // 4, side // 4)
    assert maps.presence.shape == (2, 22)


def test_what_is_seen_at_a_landmarks_place_counts_for_its_presence() -> None:
    heatmaps = torch.zeros(1, 2, 8, 8)
    heatmaps[0, 0, 2, 3], heatmaps[0, 1, 6, 6] = 30.0, 30.0
    values = torch.zeros(1, 2, 8, 8)
    values[0, :, 2, 3] = 5.0
    assert at_landmarks(values, heatmaps)[0].tolist() == pytest.approx([5.0, 0.0], abs=1e-3)


def test_weights_without_evidence_are_read_as_having_none() -> None:
    branch = LandmarkBranch(LandmarkConfig(22))
    state = branch.state_dict()
    earlier = {name: values for name, values in state.items() if name != "evidence.weight"}
    torch.nn.init.ones_(branch.evidence.weight)
    branch.load_state_dict(earlier)
    assert not branch.evidence.weight.any()
