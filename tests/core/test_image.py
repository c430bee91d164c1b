from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from seamline.core.errors import BadBox, BadPhoto
from seamline.core.image import Letterbox, Limits, check_box, crop_square, decode, letterbox
from tests.support import bad_photos


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("name", sorted(bad_photos.REFUSED))
def test_what_is_no_photo_is_refused_with_a_plain_sentence(name: str) -> None:
    with pytest.raises(BadPhoto) as caught:
        decode(bad_photos.REFUSED[name]())
    assert "/" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(bad_photos.ANSWERED))
def test_unusual_photos_have_the_right_colours(name: str) -> None:
    photo = decode(bad_photos.ANSWERED[name]())
    expected = bad_photos.pattern()
    difference = np.abs(photo.rgb.astype(int) - expected).mean()
    assert (photo.width, photo.height) == (expected.shape[1], expected.shape[0])
    assert difference < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    photo = decode(bad_photos.oriented(orientation))
    expected = bad_photos.pattern()
    assert photo.rgb.shape == expected.shape
    assert np.abs(photo.rgb.astype(int) - expected).mean() < 12


def test_large_photo_is_shrunk_and_keeps_its_own_size() -> None:
    photo = decode(encode(Image.new("RGB", (3000, 1500), "red"), "JPEG"), working_side=1024)
    assert photo.rgb.shape == (512, 1024, 3)
    assert (photo.width, photo.height) == (3000, 1500)
    np.testing.assert_allclose(photo.scale, [3000 / 1024, 1500 / 512] * 2)


def test_limits_are_the_callers() -> None:
    data = encode(Image.new("RGB", (64, 64)))
    with pytest.raises(BadPhoto, match="pixels"):
        decode(data, limits=Limits(max_pixels=4000))
    with pytest.raises(BadPhoto, match="bytes"):
        decode(data, limits=Limits(max_bytes=10))


def test_letterbox_maps_boxes_there_and_back() -> None:
    rgb = np.zeros((300, 401, 3), np.uint8)
    rgb[:] = 255
    square, geometry = letterbox(rgb, 256, (1, 2, 3))
    assert square.shape == (256, 256, 3)
    assert (square[-1, -1] == (1, 2, 3)).all()
    boxes = np.array([[0, 0, 401, 300], [10, 20, 30, 40]], np.float32)
    np.testing.assert_allclose(geometry.to_photo(geometry.from_photo(boxes)), boxes, rtol=1e-5)
    assert geometry.from_photo(boxes[0])[2] == pytest.approx(256)
    assert Letterbox.of(401, 300, 256) == geometry


def test_crop_places_a_point_where_its_square_says() -> None:
    rgb = np.zeros((200, 300, 3), np.uint8)
    rgb[58:62, 98:102] = 255
    crop, square = crop_square(rgb, (50, 20, 130, 120), 224, 0.08, (0, 0, 0))
    scale = (square[2] - square[0]) / 224
    rows, columns = np.nonzero(crop[..., 0] > 128)
    found = square[:2] + np.array([columns.mean() + 0.5, rows.mean() + 0.5]) * scale
    np.testing.assert_allclose(found, [100, 60], atol=0.5)


def test_crop_beyond_the_photo_is_filled() -> None:
    rgb = np.full((50, 50, 3), 200, np.uint8)
    crop, _ = crop_square(rgb, (0, 0, 50, 20), 224, 0.1, (9, 8, 7))
    assert (crop[0, 0] == (9, 8, 7)).all()
    assert (crop[112, 112] == 200).all()


@pytest.mark.parametrize(
    "box",
    [
        (50, 10, 20, 80),
        (10, 10, 10, 80),
        (-20, 0, 50, 50),
        (10, 10, 400, 50),
        (500, 500, 600, 600),
        (float("nan"), 0, 10, 10),
        (0, 0, float("inf"), 10),
        (1, 2, 3),
    ],
)
def test_impossible_boxes_are_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(BadBox, match="BOX"):
        check_box(box, 100, 90, 4.0)


def test_a_box_of_the_whole_photo_is_accepted() -> None:
    np.testing.assert_allclose(check_box((0, 0, 100.4, 90), 100, 90, 4.0), [0, 0, 100, 90])


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    grey = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    photo = decode(encode(Image.fromarray(grey)))
    np.testing.assert_allclose(photo.rgb[..., 0], grey / 257.0, atol=1)


def test_transparent_pixels_are_laid_on_white() -> None:
    photo = decode(encode(Image.new("RGBA", (32, 32), (255, 0, 0, 0))))
    assert (photo.rgb == 255).all()
