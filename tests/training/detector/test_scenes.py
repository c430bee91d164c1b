"""Training scenes: boxes follow every change of a picture."""

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `train` is not installed")

from seamline.core.spec import CATEGORIES
from seamline.nn.segmentation_head import PERSON, UNKNOWN
from seamline.training.detector.album import Album, Drawings, Picture, open_album
from seamline.training.detector.backgrounds import background, beside_garments
from seamline.training.detector.dyed import colour_blocked, dyed
from seamline.training.detector.scenes import Mix, Scene, Scenes, _balanced, _laid, network_input
from seamline.training.detector.tiles import Tile, boxes_of, resized, turned, window

FILL = (124, 116, 104)


@pytest.fixture(scope="module")
def album(tmp_path_factory) -> Album:
    return open_album([], tmp_path_factory.mktemp("albums"), Drawings(count=6, seed=1))


def tile() -> Tile:
    garments = np.zeros((80, 60), np.uint8)
    garments[10:50, 5:25] = 1
    garments[40:70, 30:50] = 2
    return Tile(Image.new("RGB", (60, 80)), garments, (3, 7), (1.0, 1.0))


def test_boxes_are_those_of_the_map() -> None:
    assert boxes_of(tile()) == [((5.0, 10.0, 25.0, 50.0), 3, 1), ((30.0, 40.0, 50.0, 70.0), 7, 2)]


def test_a_window_cuts_boxes_and_forgets_garments_that_hardly_show() -> None:
    assert boxes_of(window(tile(), (10, 0, 35, 60))) == [((0.0, 10.0, 15.0, 50.0), 3, 1)]


def test_a_garment_cut_twice_counts_by_what_is_left_of_all_of_it() -> None:
    half = window(tile(), (0, 0, 60, 30))
    assert boxes_of(half) == [((5.0, 10.0, 25.0, 30.0), 3, 1)]
    assert boxes_of(window(half, (0, 0, 60, 18))) == []


def test_resizing_scales_boxes() -> None:
    assert boxes_of(resized(tile(), (120, 160)))[0] == ((10.0, 20.0, 50.0, 100.0), 3, 1)


def test_turning_keeps_garments_and_map_together() -> None:
    original = tile().garments
    picture = Picture(np.repeat(original[..., None] * 100, 3, -1), original, (3, 7), "silhouette", exact=True)
    for seed in range(20):
        changed = turned(picture, np.random.default_rng(seed))
        red = np.asarray(changed.rgb)[..., 0] / 100
        inside = np.round(red) == changed.garments
        assert inside.mean() > 0.9
        assert len(boxes_of(changed)) == 2


def test_a_filled_box_is_never_turned_by_an_angle() -> None:
    original = tile().garments
    picture = Picture(np.zeros((80, 60, 3), np.uint8), original, (3, 7), "silhouette", exact=False)
    for seed in range(20):
        changed = turned(picture, np.random.default_rng(seed)).garments
        assert np.array_equal(changed, original) or np.array_equal(changed, original[:, ::-1])


@pytest.mark.parametrize(
    "mix", [Mix(1, 0, 0, 0, 0), Mix(0, 1, 0, 0, 0), Mix(0, 0, 1, 0, 0), Mix(0, 0, 0, 1, 0), Mix(0, 0, 0, 0, 1)]
)
def test_every_kind_of_scene_has_boxes_inside_its_picture(album: Album, mix: Mix) -> None:
    scenes = Scenes(album, mix)
    for seed in range(6):
        scene = scenes.draw(np.random.default_rng(seed))
        height, width = scene.rgb.shape[:2]
        assert scene.rgb.dtype == np.uint8
        assert len(scene.boxes) == len(scene.labels)
        assert (scene.boxes >= 0).all()
        assert (scene.boxes <= [width, height, width, height]).all()
        assert (scene.boxes[:, 2:] > scene.boxes[:, :2]).all()
        assert (len(scene.boxes) == 0) == (mix.empty == 1) or mix.whole == 1
        for number, (x0, y0, x1, y1) in enumerate(scene.boxes, start=1):
            rows, columns = np.nonzero(scene.shown == number)
            assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x0, y0, x1, y1)


def test_a_garment_that_is_hardly_left_is_unknown_and_not_nothing() -> None:
    scene = _laid([(window(tile(), (24, 0, 60, 80)), (0, 0))], Image.new("RGB", (36, 80)))
    assert len(scene.boxes) == 1
    assert scene.shown[20, 0] == UNKNOWN
    assert scene.shown[50, 10] == 1


def test_pictures_of_rare_categories_come_up_more_often_and_those_of_coarse_ones_do_not() -> None:
    common, rare, coarse = (0,), (5,), (len(CATEGORIES),)
    weights = _balanced([common] * 18 + [rare, coarse])
    assert weights[-2] > 2 * weights[0]
    assert weights[-1] == weights[0]


def test_the_same_seed_draws_the_same_scene(album: Album) -> None:
    first, second = (Scenes(album).draw(np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.rgb, second.rgb)
    assert np.array_equal(first.boxes, second.boxes)


def test_an_album_is_made_once(album: Album, tmp_path) -> None:
    first = open_album([], tmp_path, Drawings(count=2, seed=1))
    (folder,) = tmp_path.iterdir()
    made = (folder / "rgb.u8").stat().st_mtime_ns
    again = open_album([], tmp_path, Drawings(count=2, seed=1))
    assert (folder / "rgb.u8").stat().st_mtime_ns == made
    assert np.array_equal(first[1].rgb, again[1].rgb)
    assert np.array_equal(first[0].garments, album[0].garments)


def test_network_input_letterboxes_picture_boxes_and_map() -> None:
    shown = np.full((100, 200), 2, np.uint8)
    shown[:4, :4], shown[90:] = 1, PERSON
    scene = Scene(
        np.zeros((100, 200, 3), np.uint8), np.array([[0, 0, 4, 4], [0, 0, 200, 100]], np.float32), np.array([2, 1]),
        np.array([[1, 0], [0, 1]], np.float32), shown,
    )  # fmt: skip
    prepared = network_input(scene, 256, FILL)
    assert prepared.shown.shape == (256, 256)
    assert [int(prepared.shown[at]) for at in ((2, 2), (60, 100), (120, 100), (200, 100))] == [UNKNOWN, 1, PERSON, 0]
    assert prepared.rgb.shape == (256, 256, 3)
    assert prepared.boxes.tolist() == [[0.0, 0.0, 256.0, 128.0]]
    assert prepared.labels.tolist() == [1]
    assert prepared.turns.tolist() == [[0.0, 1.0]]
    assert tuple(prepared.rgb[200, 100]) == FILL


def test_a_background_shows_no_garment(album: Album) -> None:
    picture = album[0]
    marked = Picture(np.repeat(picture.garments[..., None] * 255, 3, -1), picture.garments, (0,), "drawn", exact=True)
    strip = beside_garments(marked)
    assert strip is None or not strip.any()
    assert background(None, (64, 40), np.random.default_rng(0)).size == (64, 40)


def two_garments(exact: bool = True) -> Picture:
    """One garment red, one green, on black."""
    garments = tile().garments
    rgb = np.zeros((80, 60, 3), np.uint8)
    rgb[garments == 1], rgb[garments == 2] = (180, 40, 40), (40, 160, 40)
    return Picture(rgb, garments, (3, 7), "street", exact)


def test_dyed_garments_change_their_colour_and_nothing_else() -> None:
    picture = two_garments()
    changed = dyed(picture, 1.0, np.random.default_rng(0))
    away = np.abs(changed.rgb.astype(int) - picture.rgb).sum(-1)
    assert away[picture.garments > 0].mean() > 30
    assert not away[:8].any()
    assert np.array_equal(changed.garments, picture.garments)
    assert np.array_equal(two_garments().rgb, picture.rgb)


def test_what_is_outlined_by_a_box_alone_is_not_dyed() -> None:
    picture = two_garments(exact=False)
    assert dyed(picture, 1.0, np.random.default_rng(0)) is picture
    assert np.array_equal(dyed(two_garments(), 0.0, np.random.default_rng(0)).rgb, picture.rgb)


def one_garment() -> Picture:
    garments = np.zeros((80, 60), np.uint8)
    garments[10:70, 10:50] = 1
    return Picture(np.full((80, 60, 3), 120, np.uint8), garments, (3,), "silhouette", exact=True)


def test_a_colour_blocked_garment_keeps_a_part_and_its_outline() -> None:
    picture = one_garment()
    shares = []
    for seed in range(20):
        changed = colour_blocked(picture, np.random.default_rng(seed))
        away = np.abs(changed.rgb.astype(int) - picture.rgb).sum(-1) > 8
        assert not away[:8].any()
        assert np.array_equal(changed.garments, picture.garments)
        shares.append(away[picture.garments == 1].mean())
    assert 0.05 < np.mean(shares) < 0.8
    assert np.min(shares) < 0.3 < 0.6 < np.max(shares)


def test_a_border_of_colours_on_people_and_among_garments_stays_one_of_garments() -> None:
    random = np.random.default_rng(0)
    several, worn = two_garments(), one_garment()
    worn.garments[:5] = PERSON
    assert colour_blocked(several, random) is several
    assert colour_blocked(worn, random) is worn
