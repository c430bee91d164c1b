"""Average precision on street photos whose labels do not tell everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.garments import Detections
from seamline.evaluation.detections import DetectedPhotos
from seamline.evaluation.figures.detector import street
from seamline.evaluation.report import Figure

NAMES = {"null": 0, "hair": 1, "skin": 2, "coat": 3, "blouse": 4, "jeans": 5}
COAT, BLOUSE, JEANS = (20, 40, 80, 130), (40, 42, 60, 110), (30, 131, 70, 190)

Area = tuple[int, int, int, int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photo 1 shows a blouse under a coat and jeans; of photo 2 the jeans begin at the shoulders."""
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
    (tmp_path / "label_names.txt").write_text("".join(f"{value} {name}\n" for name, value in NAMES.items()))
    written(tmp_path, "0001", hair=(40, 10, 60, 30), coat=COAT, blouse=BLOUSE, jeans=JEANS)
    written(tmp_path, "0002", hair=(40, 10, 60, 30), jeans=(30, 31, 70, 190))
    return tmp_path


def written(folder: Path, number: str, **areas: Area) -> None:
    labels = np.zeros((200, 100), np.uint8)
    for name, (x0, y0, x1, y1) in areas.items():
        labels[y0:y1, x0:x1] = NAMES[name]
    Image.fromarray(labels).save(folder / "labels" / f"{number}.png")
    Image.new("RGB", (100, 200)).save(folder / "images" / f"{number}.jpg")


def figures(folder: Path, *found: tuple[int, Area, str]) -> dict[tuple[str, str], Figure]:
    """Of detections in the photos 0 and 1, strongest first."""
    count = len(found)
    garments = Detections(
        np.array([box for _, box, _ in found], np.float32), np.zeros((count, 5), np.float32),
        np.linspace(0.9, 0.5, count, dtype=np.float32), tuple(name for *_, name in found),
        np.zeros((0, 8, 8, 3), np.uint8),
    )  # fmt: skip
    photo = np.array([number for number, *_ in found])
    shown = DetectedPhotos("key", tuple(sorted((folder / "images").iterdir())), photo, garments)
    return {(one.name, one.metric): one for one in street(shown, 0.4) if isinstance(one, Figure)}


def test_what_a_coat_hides_counts_as_a_garment_and_in_no_category(folder: Path) -> None:
    shown = figures(folder, (0, COAT, "long sleeve outwear"), (0, JEANS, "trousers"), (0, BLOUSE, "vest"))
    assert (shown["any garment", "AP50"].value, shown["any garment", "AP50"].count) == (1.0, 3)
    told, guessed = shown["mean of categories", "AP50"], shown["mean of categories, guessed ones too", "AP50"]
    assert (told.value, told.count) == (1.0, 2)
    assert guessed.value == pytest.approx(2 / 3)  # as if the blouse had long sleeves
    assert guessed.count == 3


def test_a_box_of_the_wrong_kind_on_it_stays_wrong(folder: Path) -> None:
    shown = figures(folder, (0, BLOUSE, "trousers"), (0, JEANS, "trousers"))
    assert shown["trousers", "AP50"].value == pytest.approx(0.5)


def test_a_photo_whose_labels_join_two_garments_counts_for_nothing(folder: Path) -> None:
    alone = figures(folder, (0, COAT, "long sleeve outwear"), (0, JEANS, "trousers"))
    beside = figures(folder, (0, COAT, "long sleeve outwear"), (0, JEANS, "trousers"), (1, JEANS, "trousers"))
    assert beside["any garment", "AP50"] == alone["any garment", "AP50"]
    assert beside["trousers", "AP50"] == alone["trousers", "AP50"]
