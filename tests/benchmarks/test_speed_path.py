from __future__ import annotations

import numpy as np
import pytest

from benchmarks.speed.path import __main__ as path
from benchmarks.speed.path import before, others
from seamline.core import image
from seamline.serving.local_pipeline import ServedPath
from seamline.systems.psnet.regions import roi_align
from tests.support.photos import jpeg
from tests.support.repositories import MODEL_REPOSITORY

FILL = (114, 114, 114)


@pytest.mark.parametrize("box", [[20, 30, 150, 180], [-10, -20, 60, 80], [0, 0, 200, 150], [150, 100, 230, 190]])
def test_cropping_a_copy_gives_the_pixels_of_cropping_a_part(box: list[float]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (200, 150, 3), np.uint8)
    now, square = image.crop_square(rgb, box, 64, 0.1, FILL)
    then, same = before.crop_of_a_part(rgb, box, 64, 0.1, FILL)
    np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(square, same)


def test_pooling_all_regions_at_once_equals_pooling_each() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(size=(16, 28, 28)).astype(np.float32)
    corners = draw.uniform(-20, 150, (9, 2)).astype(np.float32)
    boxes = np.concatenate([corners, corners + draw.uniform(1, 120, (9, 2)).astype(np.float32)], 1)
    np.testing.assert_allclose(
        roi_align(features, boxes, 7, 8.0), before.pool_region_by_region(features, boxes, 7, 8.0), atol=1e-5
    )


def test_opencv_decodes_to_the_same_pixels() -> None:
    data = jpeg((300, 400), "steelblue")
    np.testing.assert_array_equal(others.decode_opencv(data).rgb, image.decode(data).rgb)


def test_an_operation_is_timed_and_put_back() -> None:
    spent, served = [0.0], image.decode
    with path.exchanged(path.Way("OpenCV", path.DECODE, others.decode_opencv), spent):
        assert image.decode is not served
        image.decode(jpeg((300, 400), "steelblue"))
    assert spent[0] > 0
    assert image.decode is served


def test_every_way_answers_for_the_whole_path() -> None:
    served = ServedPath.of_repository(MODEL_REPOSITORY, threads=1)
    photos = [jpeg((300, 400), "steelblue")] * (path._WARM_UP + 1)
    for candidates in (*path.ways(), *path.large_ways()):
        rows = path.compare(served, photos, candidates)
        assert [row.way for row in rows] == [way.name for way in candidates]
        assert rows[0].least_cosine == pytest.approx(1.0, abs=1e-5)
