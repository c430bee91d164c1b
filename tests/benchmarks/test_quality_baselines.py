"""Baselines that need no trained network."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from benchmarks.quality.baselines import colour_histogram, mirrored_hash, perceptual_hash
from benchmarks.quality.hand_weights import HAND_WEIGHTS
from benchmarks.quality.keypoints import DESCRIPTORS, Keypoints, Searcher, detect, inliers
from seamline.core.image import Pixels
from seamline.core.spec import CATEGORIES
from tests.data.shapes import LONGSLEEVE, TSHIRT, photo_of


def printed(seed: int) -> Pixels:
    """A crop with a print of its own."""
    blocks = np.random.default_rng(seed).integers(0, 255, (14, 14, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(blocks).resize((224, 224), Image.Resampling.NEAREST))


def turned(crop: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(crop).rotate(10, Image.Resampling.BILINEAR))


def test_the_perceptual_hash_survives_light_and_size_and_tells_pictures_apart() -> None:
    picture, other = photo_of(TSHIRT)[:300], photo_of(LONGSLEEVE)[:300]
    darker = np.asarray(Image.fromarray((picture * 0.8).astype(np.uint8)).resize((150, 150)))
    assert perceptual_hash(picture) @ perceptual_hash(darker) > 0.85
    assert perceptual_hash(picture) @ perceptual_hash(other) < perceptual_hash(picture) @ perceptual_hash(darker)
    assert perceptual_hash(picture) @ perceptual_hash(picture) == pytest.approx(1.0)


def test_a_mirrored_picture_has_the_mirrored_hash() -> None:
    crop = printed(0)
    np.testing.assert_array_equal(mirrored_hash(np.ascontiguousarray(crop[:, ::-1])), perceptual_hash(crop))


def test_the_colour_histogram_is_a_unit_vector_that_does_not_know_places() -> None:
    crop = printed(0)
    assert colour_histogram(crop) @ colour_histogram(crop) == pytest.approx(1.0)
    assert colour_histogram(crop) @ colour_histogram(crop[:, ::-1]) == pytest.approx(1.0, abs=1e-3)


def test_keypoints_fit_the_same_print_and_no_other() -> None:
    crop = printed(1)
    same, other = inliers(detect(crop), detect(turned(crop))), inliers(detect(crop), detect(printed(2)))
    assert same > 20
    assert other < 10


def test_the_same_print_is_found_among_others() -> None:
    found = [detect(turned(printed(seed))) for seed in range(8)]
    places = np.zeros((8, DESCRIPTORS, 2), np.float32)
    descriptors = np.zeros((8, DESCRIPTORS, 32), np.uint8)
    for row, (where, what) in enumerate(found):
        places[row, : len(where)], descriptors[row, : len(what)] = where, what
    searcher = Searcher(Keypoints(places, descriptors, np.array([len(where) for where, _ in found])))
    for seed in range(8):
        assert searcher.scores(detect(printed(seed))).argmax() == seed


def test_a_crop_without_corners_matches_nothing() -> None:
    plain = detect(np.full((224, 224, 3), 90, np.uint8))
    assert plain[0].shape == (0, 2)
    assert inliers(plain, detect(printed(0))) == 0


def test_hand_weights_cover_every_category_and_sum_to_one() -> None:
    assert set(CATEGORIES) <= set(HAND_WEIGHTS)
    assert all(sum(weights) == pytest.approx(1.0) for weights in HAND_WEIGHTS.values())
