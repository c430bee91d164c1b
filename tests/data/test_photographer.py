"""Second photos of a garment: what moves together, what depends on the ground, what may not happen."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from seamline.core.spec import LANDMARKS, mirrored_landmarks
from seamline.data.copies.originals import drawn_sample
from seamline.data.copies.sample import GarmentSample
from seamline.data.photographer import PRESETS, Photographer, PhotographerParams
from seamline.data.photographer.__main__ import main
from seamline.data.photographer.camera import CameraParams
from seamline.data.photographer.finish import FinishParams
from seamline.data.photographer.ground import GroundParams
from seamline.data.photographer.hiding import HidingParams
from seamline.data.photographer.light import PLANCKIAN, LightParams
from seamline.data.photographer.sleeves import SleeveParams
from seamline.data.photographer.view import ViewParams
from seamline.data.photographer.white_balance import KINDS, gains
from seamline.training.tables import filled
from tests.data.copy_shapes import RED, tshirt

REAL = PRESETS["real pairs"]
STILL = PhotographerParams(
    spread=0.0,
    same_place=0.0,
    ground=GroundParams().scaled(0),
    view=ViewParams().scaled(0),
    sleeves=SleeveParams().scaled(0),
    hiding=HidingParams().scaled(0),
    light=LightParams().scaled(0),
    camera=CameraParams().scaled(0),
    finish=FinishParams().scaled(0),
)
"""Nothing happens."""

MOVES = {
    "seen from elsewhere": dataclasses.replace(STILL, view=ViewParams()),
    "turned by any angle": dataclasses.replace(STILL, any_angle=1.0),
    "sleeves swung": dataclasses.replace(STILL, sleeves=SleeveParams(moved=1.0, swing=15.0, folded=0.0)),
    "smaller, and a screenshot": dataclasses.replace(STILL, finish=FinishParams(smaller=0.5, screenshot=1.0)),
    "mirrored": dataclasses.replace(STILL, mirrored=1.0),
    "everything": dataclasses.replace(REAL, hiding=HidingParams(covered=0.0), same_place=0.0, any_angle=0.5),
}


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def garment(seed: int = 0) -> GarmentSample:
    return drawn_sample(random(seed), "long sleeve top", 360)


def test_at_strength_0_the_second_photo_is_the_first() -> None:
    sample = garment()
    shot = Photographer(STILL).photograph(sample.rgb, sample.mask, sample.points, random())
    assert np.abs(shot.rgb.astype(int) - sample.rgb).mean() < 3
    assert np.array_equal(shot.mask, sample.mask)
    assert shot.landmarks == pytest.approx(sample.points, abs=0.05)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_state_gives_the_same_pixels(preset: str) -> None:
    sample = garment()
    first, second = (
        Photographer(PRESETS[preset], [RED]).photograph(sample.rgb, sample.mask, sample.points, random(5))
        for _ in range(2)
    )
    assert np.array_equal(first.rgb, second.rgb)
    assert np.array_equal(first.landmarks, second.landmarks)


@pytest.mark.parametrize("params", MOVES.values(), ids=MOVES)
def test_landmarks_stay_on_the_cloth_that_they_mark(params: PhotographerParams) -> None:
    """Each landmark's place is dyed; where the second photo shows the dye is where the landmark must lie."""
    plain = dataclasses.replace(params, light=LightParams().scaled(0), camera=CameraParams().scaled(0))
    sample = garment(3)
    for seed in range(4):
        for index in np.flatnonzero(sample.points[:, 2])[::3]:
            x, y = sample.points[index, :2]
            dye = np.zeros_like(sample.mask)
            rows, columns = slice(max(0, int(y) - 3), int(y) + 4), slice(max(0, int(x) - 3), int(x) + 4)
            dye[rows, columns] = 255
            white = np.full_like(sample.rgb, 128)
            white[dye > 0] = (255, 0, 0)
            shot = Photographer(plain).photograph(white, sample.mask, sample.points, random(seed))
            place = int(np.array(mirrored_landmarks(LANDMARKS))[index]) if shot.mirrored else int(index)
            assert shot.landmarks is not None
            if not shot.landmarks[place, 2]:
                continue
            shown = shot.rgb[..., 0].astype(int) - shot.rgb[..., 1] > 60
            if shown.any():
                away = np.argwhere(shown)[:, ::-1] + 0.5 - shot.landmarks[place, :2]
                assert np.hypot(*away.T).min() < 4, f"{LANDMARKS[int(index)]} left its cloth"


@pytest.mark.parametrize("params", MOVES.values(), ids=MOVES)
def test_the_mask_covers_what_looks_like_the_garment(params: PhotographerParams) -> None:
    plain = dataclasses.replace(params, light=LightParams().scaled(0), camera=CameraParams().scaled(0))
    plain = dataclasses.replace(plain, ground=GroundParams().scaled(0))
    white = np.where(tshirt().mask[..., None] > 0, (240, 240, 240), (20, 90, 30)).astype(np.uint8)
    for seed in range(4):
        shot = Photographer(plain).photograph(white, tshirt().mask, tshirt().points, random(seed))
        assert shot.mask is not None
        assert shot.mask.shape == shot.rgb.shape[:2]
        bright = shot.rgb.min(axis=2) > 150
        free = shot.cover < 128
        assert bright[(shot.mask > 127) & free].mean() > 0.95
        inside = shot.transform.positions(np.array([[150, 200]], np.float32))[0]
        assert shot.mask[int(inside[1]), int(inside[0])] == 255


def blueness_after(kind: str, ground: tuple[float, float, float]) -> float:
    """Logarithm of blue over green of a navy shirt that covers a quarter of a ground in warm light, balanced."""
    light = np.broadcast_to(np.array(ground, np.float32), (40, 40, 3)).copy()
    light[10:30, 10:30] = NAVY
    light *= np.exp(PLANCKIAN)
    balanced = light * gains(light, kind, 1.0)
    return float(np.log(balanced[20, 20, 2] / balanced[20, 20, 1]))


NAVY, GREY, RED_CLOTH = (0.02, 0.03, 0.11), (0.4, 0.4, 0.4), (0.5, 0.02, 0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_every_camera_balances_a_navy_shirt_by_its_ground(kind: str) -> None:
    assert abs(blueness_after(kind, GREY) - blueness_after(kind, RED_CLOTH)) > 0.1


def test_a_warm_light_is_taken_away_on_a_grey_ground_and_stays_on_a_red_one() -> None:
    """So a navy shirt is navy on grey, and comes out grey on red."""
    unlit = np.log(NAVY[2] / NAVY[1])
    assert blueness_after("near neutral", GREY) == pytest.approx(unlit, abs=0.1)
    assert blueness_after("near neutral", RED_CLOTH) < unlit - 0.7


def test_a_grey_world_camera_turns_a_beige_ground_grey() -> None:
    light = np.full((8, 8, 3), (0.5, 0.4, 0.3), np.float32)
    assert np.ptp((light * gains(light, "grey world", 1.0))[0, 0]) < 0.05


def test_one_light_gives_other_colours_on_other_grounds() -> None:
    light = dataclasses.replace(LightParams().scaled(0), warmth=1.0)
    camera = dataclasses.replace(CameraParams().scaled(0), balanced=1.0)
    params = dataclasses.replace(STILL, ground=GroundParams(1.0, 0.0, 0.0), light=light, camera=camera)
    navy = np.where(tshirt().mask[..., None] > 0, (40, 50, 95), (150, 150, 150)).astype(np.uint8)
    apart = []
    for seed in range(20):
        shots = [
            Photographer(params, [np.full_like(navy, ground)]).photograph(navy, tshirt().mask, None, random(seed))
            for ground in ((150, 150, 150), (190, 25, 30))
        ]
        colours = [shot.rgb[shot.mask > 127].mean(0) for shot in shots]
        apart.append(np.abs(colours[0] - colours[1]).max())
    assert np.median(apart) > 10


def test_a_dark_ground_makes_the_garment_brighter() -> None:
    camera = dataclasses.replace(CameraParams().scaled(0), metered=1.0)
    params = dataclasses.replace(STILL, ground=GroundParams(1.0, 0.0, 0.0), camera=camera)
    levels = []
    for level in (25, 235):
        ground = np.full((60, 60, 3), level, np.uint8)
        shot = Photographer(params, [ground]).photograph(tshirt().rgb, tshirt().mask, None, random())
        levels.append(shot.rgb[shot.mask > 127].mean())
    assert levels[0] > 1.2 * levels[1]


@pytest.mark.parametrize("preset", PRESETS)
def test_without_a_trusted_mask_only_whole_pictures_change(preset: str) -> None:
    rgb = tshirt().rgb
    empty = np.zeros(rgb.shape[:2], np.uint8)
    for seed in range(6):
        shot = Photographer(PRESETS[preset]).photograph(rgb, None, None, random(seed))
        assert shot.mask is None
        assert shot.landmarks is None
        assert shot.rgb.dtype == np.uint8
        with_empty = Photographer(PRESETS[preset]).photograph(rgb, empty, None, random(seed))
        assert np.array_equal(with_empty.rgb, shot.rgb)
        assert with_empty.mask is not None
        assert not with_empty.mask.any()


@pytest.mark.parametrize("size", [(40, 30), (30, 40), (17, 200)])
@pytest.mark.parametrize("value", [0, 255])
def test_tiny_black_and_white_photos_do_no_harm(size: tuple[int, int], value: int) -> None:
    rgb = np.full((*size, 3), value, np.uint8)
    strong = dataclasses.replace(REAL, strength=2.5, any_angle=0.5, mirrored=0.5)
    for mask in (np.full(size, 255, np.uint8), np.eye(*size, dtype=np.uint8) * 255):
        for seed in range(5):
            shot = Photographer(strong).photograph(rgb, mask, None, random(seed))
            assert shot.mask is not None
            assert shot.rgb.shape == (*shot.mask.shape, 3)


def test_what_does_not_fit_the_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="the mask is 10x20"):
        Photographer().photograph(tshirt().rgb, np.zeros((20, 10), np.uint8), None, random())
    with pytest.raises(ValueError, match="landmarks must be"):
        Photographer().photograph(tshirt().rgb, None, np.zeros((3, 3), np.float32), random())


def test_a_number_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="folded"):
        SleeveParams(folded=1.5)
    with pytest.raises(ValueError, match="same_place"):
        PhotographerParams(same_place=-0.1)


def test_a_table_of_a_configuration_fills_the_strengths() -> None:
    table = {"strength": 0.5, "view": {"turn": 20.0}}
    params = filled(REAL, table, "photographer")
    assert (params.strength, params.view.turn, params.light) == (0.5, 20.0, REAL.light)


def test_a_sheet_of_drawn_garments_is_written(tmp_path: Path) -> None:
    assert main(["--drawn", "--count", "1", "--shots", "1", "--out", str(tmp_path / "sheet.png")]) == 0
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
    assert main(["--out", str(tmp_path / "none.png")]) == 2
