"""Another photo of a garment: what moves, what is hidden, what the file goes through."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.core.spec import LANDMARKS, mirrored_landmarks
from seamline.data.copies import LEVELS, GarmentSample, PhotoParams, rephotograph
from seamline.systems.psnet.spec import REGIONS
from tests.data.copy_shapes import RED, STILL, but, tshirt

CONDITIONS = {
    "turned": but(turn=20.0),
    "tilted": but(tilt=0.08),
    "bent": but(bend=0.03),
    "smaller file": but(size=(0.5, 0.7)),
    "square": but(square=1.0),
    "on its own background": but(own_background=1.0, turn=10.0),
    "mirrored": but(mirror=1.0, turn=10.0),
    "everything": dataclasses.replace(LEVELS["hard"].photo, occlusion=0.0, sticker=0.0, crop=0.0),
}


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def of(sample: GarmentSample, name: str) -> np.ndarray:
    return sample.points[LANDMARKS.index(name)]


@pytest.mark.parametrize("params", CONDITIONS.values(), ids=CONDITIONS)
def test_points_stay_on_the_outline_and_the_mask_on_the_cloth(params: PhotoParams) -> None:
    for seed in range(3):
        taken = rephotograph(tshirt(), [RED], params, random(seed)).sample
        assert taken.rgb.shape[:2] == taken.mask.shape
        known = taken.points[:, 2] > 0
        for x, y in taken.points[known & (np.arange(len(LANDMARKS)) < LANDMARKS.index("waist_left")), :2]:
            around = taken.mask[max(0, int(y) - 7) : int(y) + 8, max(0, int(x) - 7) : int(x) + 8]
            assert around.max() == 255, "a point lies off the garment"


def test_the_mask_covers_what_looks_like_the_garment() -> None:
    taken = rephotograph(tshirt(), [RED], but(turn=15.0, bend=0.02, tilt=0.03), random(3)).sample
    red = (taken.rgb[..., 0] > 150) & (taken.rgb[..., 2] < 90)
    assert red[taken.mask < 128].mean() > 0.97
    assert red[taken.mask > 127].mean() < 0.02


def test_a_mirrored_photo_exchanges_left_and_right() -> None:
    straight = rephotograph(tshirt(), [RED], STILL, random(4))
    mirrored = rephotograph(tshirt(), [RED], but(mirror=1.0), random(4))
    assert mirrored.mirrored
    assert not straight.mirrored
    width = straight.sample.rgb.shape[1]
    expected = straight.sample.points[np.array(mirrored_landmarks(LANDMARKS))]
    assert mirrored.sample.points[:, 0] == pytest.approx(
        np.where(expected[:, 2] > 0, width - expected[:, 0], 0), abs=0.1
    )
    difference = np.abs(mirrored.sample.mask[:, ::-1].astype(int) - straight.sample.mask)
    assert (difference > 0).mean() < 0.01


def test_bent_cloth_moves_its_points_with_its_pattern() -> None:
    """The corner of a white square beside each point is found where the point went."""
    bent = rephotograph(tshirt(), [RED], but(bend=0.03), random(5)).sample
    still = rephotograph(tshirt(), [RED], STILL, random(5)).sample
    moved = np.linalg.norm(bent.points[:, :2] - still.points[:, :2], axis=1)
    assert moved.max() > 3
    for name in ("armpit_left", "hem_right", "cuff_left_outer"):
        before, after = (_patch(taken, of(taken, name)) for taken in (still, bent))
        unmoved = _patch(bent, of(still, name))
        assert np.abs(before - after).mean() < np.abs(before - unmoved).mean() or moved.min() < 1


def _patch(taken: GarmentSample, point: np.ndarray) -> np.ndarray:
    x, y = (round(float(value)) for value in point[:2])
    return taken.rgb[y - 8 : y + 9, x - 8 : x + 9].astype(float)


def test_what_is_out_of_the_picture_is_hidden_and_its_points_unknown() -> None:
    found = set()
    for seed in range(12):
        taken = rephotograph(tshirt(), [RED], but(crop=1.0, crop_depth=(0.3, 0.3), fill=(0.95, 0.95)), random(seed))
        found |= set(taken.hidden)
        assert len(taken.hidden) < len(REGIONS)
        assert (taken.sample.points[:, 2] > 0).sum() < (tshirt().points[:, 2] > 0).sum()
    assert {3, 4} <= found, "a sleeve pushed out of the picture counts as hidden"


def test_nothing_is_hidden_where_everything_is_in_view() -> None:
    for params in (STILL, but(mirror=1.0), but(turn=15.0, bend=0.02)):
        assert rephotograph(tshirt(), [RED], params, random(6)).hidden == ()


def test_an_object_over_a_region_hides_it() -> None:
    for seed in range(8):
        taken = rephotograph(tshirt(), [RED], but(occlusion=1.0, occluder_size=(0.9, 0.9)), random(seed))
        bare = rephotograph(tshirt(), [RED], STILL, random(seed))
        assert taken.sample.mask.sum() < bare.sample.mask.sum()
        if taken.hidden:
            break
    else:
        pytest.fail("eight large objects hid nothing")


def test_no_ground_shows_beyond_a_garment_that_the_photo_cuts_off() -> None:
    """Its straight edge inside the picture would give the copy away."""
    cut = dataclasses.replace(tshirt(), rgb=tshirt().rgb[:300], mask=tshirt().mask[:300])
    for seed in range(6):
        taken = rephotograph(cut, [RED], but(fill=(0.5, 0.5)), random(seed)).sample
        assert taken.mask[-3:].any()


def test_its_own_background_fills_the_picture() -> None:
    for seed in range(5):
        taken = rephotograph(tshirt(), [RED], but(own_background=1.0, turn=20.0, fill=(0.4, 0.4)), random(seed)).sample
        background = taken.rgb[taken.mask < 128].reshape(-1, 3).astype(int)
        assert ((background[:, 1] > background[:, 0]) | (background[:, 2] > background[:, 1])).mean() > 0.99


def test_a_garment_laid_anew_at_the_same_background_lies_on_its_own_background() -> None:
    taken = rephotograph(tshirt(), [RED], but(same_background=1.0, fill=(0.6, 0.6)), random(2)).sample
    background = taken.rgb[taken.mask < 128].reshape(-1, 3).astype(int)
    assert np.abs(np.median(background, axis=0) - (30, 120, 40)).max() < 6
    assert (background[:, 0] > 150).mean() < 0.01, (
        "nothing of the garment's first place and none of the other background"
    )


def test_every_condition_changes_the_picture() -> None:
    plain = rephotograph(tshirt(), [RED], STILL, random(7)).sample.rgb.astype(int)
    changes = {
        "shadow": but(shadow=(0.5, 0.5)),
        "exposure": but(exposure=0.4),
        "contrast": but(contrast=0.4),
        "balance": but(balance=0.2),
        "fall_off": but(fall_off=(0.5, 0.5)),
        "shade": but(shade=1.0, shade_depth=(0.5, 0.5)),
        "sticker": but(sticker=1.0),
        "watermark": but(watermark=1.0, watermark_opacity=(0.5, 0.5)),
        "softness": but(softness=(1.5, 1.5)),
        "noise": but(noise=(8.0, 8.0)),
        "quality": but(quality=(20, 20)),
        "procedural": but(procedural=1.0),
    }
    for name, params in changes.items():
        assert np.abs(rephotograph(tshirt(), [RED], params, random(7)).sample.rgb - plain).mean() > 0.5, name


def test_the_same_state_gives_the_same_pixels() -> None:
    one, other = (rephotograph(tshirt(), [RED], LEVELS["hard"].photo, random(8)) for _ in range(2))
    assert np.array_equal(one.sample.rgb, other.sample.rgb)
    assert np.array_equal(one.sample.points, other.sample.points)
    assert one.hidden == other.hidden


def test_the_original_is_left_alone() -> None:
    before = tshirt().rgb.copy(), tshirt().mask.copy(), tshirt().points.copy()
    rephotograph(tshirt(), [RED], LEVELS["hard"].photo, random(9))
    assert all(
        np.array_equal(*pair) for pair in zip(before, (tshirt().rgb, tshirt().mask, tshirt().points), strict=True)
    )


def test_an_empty_mask_is_refused() -> None:
    empty = dataclasses.replace(tshirt(), mask=np.zeros_like(tshirt().mask))
    with pytest.raises(ValueError, match="mask is empty"):
        rephotograph(empty, [RED], STILL, random())
