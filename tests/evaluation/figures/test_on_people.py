"""Figures of photos of people: landmarks, regions, and what the detector takes garments for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.garments import Detections, Embeddings
from seamline.core.parts import Parts
from seamline.core.spec import LANDMARKS, Spec
from seamline.data.copies import COPY_PARTS
from seamline.data.copies.landmarks import landmark_array
from seamline.data.street import StreetGarment
from seamline.data.street_landmarks import WornGarment, read_street_landmarks
from seamline.evaluation.figures.confusion import FOUND, NOT_FOUND, RIGHT, confusion
from seamline.evaluation.figures.worn_landmarks import confidences, distances, of_worn_landmarks, regions
from seamline.evaluation.report import Cases, Figure, Measured, figures
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.regions import true_region_boxes
from tests.data.drawn_people import draw_people

SPEC = dataclasses.replace(DEFAULT_SPEC, system="psnet_lite")


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> WornGarment:
    """A drawn T-shirt on a person, whose left cuff and waist cannot be told."""
    folder = draw_people(tmp_path_factory.mktemp("people"), {801: "dev"})
    return read_street_landmarks(folder).of("dev")[0]


def values(measured: Iterable[Measured]) -> dict[tuple[str, str], Figure]:
    return {(one.name, one.metric): one for one in figures(measured, 0)}


def embedded(worn: WornGarment, moved: float = 0.0) -> Embeddings:
    """What a network says that sees all points `moved` pixels off, and the regions that follow from the true ones."""
    landmarks = landmark_array(worn.points)
    boxes, visible = true_region_boxes(np.asarray(worn.box, np.float32), landmarks, worn.category, SPEC)
    landmarks[:, 0] += moved
    return Embeddings(np.zeros((1, 5, 8), np.float32), boxes[None], visible[None], landmarks[None])


def test_distances_are_of_points_that_are_seen_in_diagonals_of_the_box(worn: WornGarment) -> None:
    diagonal = float(np.hypot(worn.box[2] - worn.box[0], worn.box[3] - worn.box[1]))
    landmarks = embedded(worn, moved=0.1 * diagonal).landmarks
    assert landmarks is not None
    found = values(distances([worn], landmarks, SPEC))
    assert found["mean of points", "distance"].value == pytest.approx(0.1, abs=1e-3)
    assert found["median of points", "distance"].value == pytest.approx(0.1, abs=1e-3)
    assert found["mean of points", "distance"].count == len(worn.seen())
    assert found["cuff", "distance"].count == 2


def test_points_that_cannot_be_told_should_be_doubted(worn: WornGarment) -> None:
    landmarks = np.ones((1, len(LANDMARKS), 3), np.float32)
    unknown = [name for name, point in worn.points.items() if point is None]
    landmarks[0, LANDMARKS.index(unknown[0]), 2] = 0.1
    found = values(confidences([worn], landmarks, SPEC))
    assert found["seen", "below 0.2"].value == 0
    assert found["cannot be told", "below 0.2"].value == pytest.approx(1 / len(unknown))
    assert found["hidden, its place can be told", "mean"].count == 0


def test_regions_count_whose_points_are_all_known(worn: WornGarment) -> None:
    found = values(regions([worn], embedded(worn), SPEC))
    assert found["right sleeve", "IoU"].value == pytest.approx(1)
    assert [found[name, "IoU"].count for name in ("right sleeve", "left sleeve", "chest", "waist")] == [1, 0, 0, 0]


def test_a_region_that_is_not_shown_counts_as_nothing(worn: WornGarment) -> None:
    hidden = dataclasses.replace(embedded(worn), part_visible=np.zeros((1, 5), np.float32))
    assert values(regions([worn], hidden, SPEC))["right sleeve", "IoU"].value == 0


def test_a_part_without_a_region_changes_nothing(worn: WornGarment) -> None:
    names = ("whole", *COPY_PARTS)
    parts = Parts(names, (0, 1, 2, 3, 5, 4), SPEC.parts.dimension, {"default": names})
    fields = {field.name: getattr(SPEC, field.name) for field in dataclasses.fields(Spec)}
    more, five = Spec(**{**fields, "parts": parts}), embedded(worn)
    six = dataclasses.replace(
        five,
        part_boxes=np.concatenate([np.zeros((1, 1, 4), np.float32), five.part_boxes], 1),
        part_visible=np.concatenate([np.ones((1, 1), np.float32), five.part_visible], 1),
    )
    found = values(of_worn_landmarks([worn], six, more))
    assert found["all regions", "IoU"] == values(regions([worn], five, SPEC))["all regions", "IoU"]


def test_a_garment_is_what_the_strongest_box_over_it_says() -> None:
    coat = StreetGarment("coat", "long sleeve outwear", (0.0, 0.0, 10.0, 10.0))
    skirt = StreetGarment("skirt", "skirt", (50.0, 50.0, 60.0, 60.0))
    found = Detections(
        np.array([[0, 0, 10, 9], [0, 0, 10, 10], [50, 50, 60, 60]], np.float32), np.zeros((3, 5), np.float32),
        np.array([0.9, 0.8, 0.3], np.float32), ("long sleeve top", "long sleeve outwear", "skirt"),
        np.zeros((0, 8, 8, 3), np.uint8),
    )  # fmt: skip
    shown = {(one.name, one.metric): one.value for one in confusion(found, [(slice(0, 3), (coat, skirt))], 0.4)}
    assert shown["long sleeve outwear", "long sleeve top"] == 1
    assert ("long sleeve outwear", "long sleeve outwear") not in shown
    assert shown["skirt", NOT_FOUND] == 1
    assert (shown["all garments", FOUND], shown["all garments", RIGHT]) == (0.5, 0.0)


def test_a_blouse_under_a_coat_is_named_rightly_by_any_top() -> None:
    blouse = StreetGarment("blouse", "long sleeve top", (0.0, 0.0, 10.0, 10.0), "top")
    found = Detections(
        np.array([[0, 0, 10, 10]], np.float32), np.zeros((1, 5), np.float32), np.array([0.9], np.float32), ("vest",),
        np.zeros((0, 8, 8, 3), np.uint8),
    )  # fmt: skip
    shown = {(one.name, one.metric): one.value for one in confusion(found, [(slice(0, 1), (blouse,))], 0.4)}
    assert shown["top, category not told", "vest"] == 1
    assert shown["all garments", RIGHT] == 1.0


def test_an_empty_folder_of_people_measures_nothing(tmp_path: Path) -> None:
    cases = list(regions([], Embeddings.none(SPEC), SPEC))
    assert all(isinstance(one, Cases) and not len(np.asarray(one.values)) for one in cases)
