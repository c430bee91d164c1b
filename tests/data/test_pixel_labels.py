"""Pixel labels of a photo: the one way to read them, which refuses what does not lie on its photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.data.pixel_labels import read_pixel_labels


def test_labels_are_the_picture_s_values_row_by_row(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    Image.fromarray(values).save(tmp_path / "0001.png")
    np.testing.assert_array_equal(read_pixel_labels(tmp_path / "0001.png", (4, 3)), values)


def test_labels_of_a_photo_on_its_side_are_refused_with_file_and_both_sizes(tmp_path: Path) -> None:
    Image.new("L", (4, 3)).save(tmp_path / "0001.png")
    with pytest.raises(ValueError, match=r"labels 0001\.png are 4 x 3, their photo 3 x 4"):
        read_pixel_labels(tmp_path / "0001.png", (3, 4))


def test_a_picture_in_colour_is_refused_by_name(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(tmp_path / "0001.png")
    with pytest.raises(ValueError, match=r"0001\.png are a picture in colour"):
        read_pixel_labels(tmp_path / "0001.png", (4, 3))
