"""Photos as somebody else might publish them."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.data.rephotograph import (
    choose_ground,
    ground_of,
    made_up_ground,
    recompressed,
    redesigned,
    region_parts,
    rephotographed,
)
from seamline.image import decode
from tests.data.shapes import HEIGHT, TSHIRT, WIDTH, mask_of, photo_of

RED = np.full((HEIGHT, WIDTH, 3), (220, 20, 20), np.uint8)
BOXES = np.array(
    [[100, 50, 200, 100], [85, 100, 215, 200], [85, 200, 215, 340], [30, 70, 90, 165], [210, 70, 270, 165]]
)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("mirror", [False, True])
def test_the_garment_lies_in_its_box_on_the_other_ground(mirror: bool) -> None:
    taken = rephotographed(photo_of(TSHIRT), mask_of(TSHIRT), RED, mirror=mirror, random=random())
    blue = taken.rgb[..., 2].astype(int) > taken.rgb[..., 0].astype(int) + 30
    rows, columns = np.flatnonzero(blue.any(axis=1)), np.flatnonzero(blue.any(axis=0))
    found = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert np.abs(np.array(taken.box) - found).max() <= 3
    assert taken.rgb.shape == (HEIGHT, WIDTH, 3)
    assert taken.mirrored is mirror


def test_a_mirrored_photo_is_the_mirror_image() -> None:
    straight, mirrored = (
        rephotographed(photo_of(TSHIRT), mask_of(TSHIRT), RED, mirror=mirror, random=random(5))
        for mirror in (False, True)
    )
    assert np.array_equal(mirrored.rgb, straight.rgb[:, ::-1])
    assert mirrored.box == (WIDTH - straight.box[2], straight.box[1], WIDTH - straight.box[0], straight.box[3])


def test_the_same_seed_gives_the_same_file() -> None:
    one, other = (recompressed(photo_of(TSHIRT), random(7)) for _ in range(2))
    assert one == other
    assert decode(one).rgb.ndim == 3


def test_a_ground_holds_nothing_of_the_garment() -> None:
    ground = ground_of(photo_of(TSHIRT), mask_of(TSHIRT), random())
    assert ground.shape == (HEIGHT, WIDTH, 3)
    assert (ground[..., 0].astype(int) > ground[..., 2]).mean() > 0.99
    assert choose_ground([], (40, 30), random()).shape == (40, 30, 3)
    assert made_up_ground(50, 60, random(3)).std() > 0


def test_redesigning_changes_the_marked_part_and_nothing_else() -> None:
    photo, mask = photo_of(TSHIRT), mask_of(TSHIRT)
    where = np.zeros_like(mask)
    where[150:250] = mask[150:250]
    for seed in range(6):
        changed = np.abs(redesigned(photo, where, random(seed)).astype(int) - photo).sum(axis=-1)
        assert np.median(changed[where > 0]) > 40
        assert changed[:140].max() == 0
        assert changed[260:].max() == 0


def test_redesigning_nothing_changes_nothing() -> None:
    photo = photo_of(TSHIRT)
    assert np.array_equal(redesigned(photo, np.zeros((HEIGHT, WIDTH), np.uint8), random()), photo)


def test_regions_divide_the_garment_without_overlap() -> None:
    mask = mask_of(TSHIRT)
    parts = region_parts(mask, BOXES.astype(np.float32), np.ones(5, np.float32))
    together = np.sum([part > 0 for part in parts], axis=0)
    assert together.max() == 1
    assert together[mask == 0].max() == 0
    assert together[mask > 0].mean() > 0.95
    assert parts[2][300, 150] == 255
    assert parts[3][120, 45] == 255


def test_an_absent_region_gets_nothing() -> None:
    visible = np.array([1, 1, 0, 1, 1], np.float32)
    assert not region_parts(mask_of(TSHIRT), BOXES.astype(np.float32), visible)[2].any()
