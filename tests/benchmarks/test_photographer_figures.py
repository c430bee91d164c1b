"""How alike photos of one garment are: the figures and their picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.photographer.colours import colour_of
from benchmarks.photographer.pairs import Comparison, real_pairs
from benchmarks.photographer.picture import draw
from benchmarks.photographer.vectors import Grids, alikeness
from seamline.core.errors import BadOption
from seamline.data.copies.originals import drawn_sample
from seamline.data.photographer import PRESETS


def test_vectors_are_compared_without_what_they_all_share() -> None:
    mean = np.array([9.0, 9.0], np.float32)
    first = np.array([[10.0, 9.0], [10.0, 9.0]], np.float32)
    second = np.array([[11.0, 9.0], [9.0, 12.0]], np.float32)
    assert alikeness(first, second, mean) == pytest.approx([1.0, 0.0])


def test_a_bluer_and_darker_garment_is_said_to_be_so() -> None:
    mask = np.full((4, 4), 255, np.uint8)
    grey, blue = np.full((4, 4, 3), 200, np.uint8), np.full((4, 4, 3), (90, 90, 150), np.uint8)
    brightness, red, blueness = colour_of(blue, mask) - colour_of(grey, mask)
    assert brightness < -0.5
    assert red == pytest.approx(0, abs=1e-3)
    assert blueness > 0.9


def test_second_photos_are_less_alike_than_copies_and_more_than_other_garments() -> None:
    samples = [drawn_sample(np.random.default_rng(seed), "short sleeve top", 240) for seed in range(6)]
    comparison = Comparison(Grids(), samples, 0)
    cosines, colours = comparison.simulated(PRESETS["real pairs"])
    assert np.median(comparison.others()) < np.median(cosines) < 0.97
    assert colours.shape == (len(cosines), 3)


def test_the_distributions_are_drawn(tmp_path: Path) -> None:
    some = np.linspace(0.2, 0.9, 12).astype(np.float32)
    draw(tmp_path / "picture.png", some, some[2:], some - 0.3)
    assert (tmp_path / "picture.png").stat().st_size > 10_000


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"no pairs\.json"):
        real_pairs(tmp_path)


def test_a_pair_that_shows_front_and_back_does_not_count(tmp_path: Path) -> None:
    groups = '[{"photos": ["a", "b"], "back": ["b"]}, {"photos": ["c", "d"], "back": []}]'
    (tmp_path / "pairs.json").write_text(f'{{"same_item": {groups}}}', encoding="utf-8")
    assert real_pairs(tmp_path) == [("c", "d")]
