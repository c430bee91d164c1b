"""Pictures bent smoothly."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.training.detector.album import Picture
from seamline.training.detector.warps import warped


def picture(exact: bool = True) -> Picture:
    """A bright garment on black."""
    garments = np.zeros((120, 80), np.uint8)
    garments[30:100, 20:60] = 1
    return Picture(np.repeat(garments[..., None] * 200, 3, -1), garments, (2,), "street", exact)


@pytest.mark.parametrize("seed", range(8))
def test_the_map_is_bent_as_the_picture_is(seed: int) -> None:
    changed = warped(picture(), np.random.default_rng(seed))
    assert changed.rgb.shape[:2] == changed.garments.shape
    assert changed.garments.shape <= (120, 80)
    assert set(np.unique(changed.garments)) == {0, 1}
    assert np.mean((changed.rgb[..., 0] > 100) == (changed.garments == 1)) > 0.97
    assert changed.labels == (2,)


def test_bending_changes_shape_and_size() -> None:
    before = picture().garments
    changes = [warped(picture(), np.random.default_rng(seed)).garments for seed in range(8)]
    assert sum(after.shape != before.shape for after in changes) >= 6
    shares = [float(after.mean() / before.mean()) for after in changes]
    assert max(shares) > 1.05 or min(shares) < 0.95
    assert all(0.6 < share < 1.6 for share in shares)


def test_what_is_outlined_by_a_box_alone_stays_as_it_is() -> None:
    given = picture(exact=False)
    assert warped(given, np.random.default_rng(0)) is given
