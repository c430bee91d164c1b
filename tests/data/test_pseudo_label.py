"""Landmarks read from the outlines of drawn garments."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.data.pseudo_label import CLASSES, PseudoLabel, pseudo_label
from seamline.data.silhouette import silhouette_of
from tests.data.shapes import (
    LONGSLEEVE,
    SKIRT,
    SLEEVES_ON_BODY,
    TROUSERS,
    TSHIRT,
    VEST_DRESS,
    Points,
    mask_of,
    turned,
)


def label_of(points: Points, clothing: str, tilt: float = 0.0) -> PseudoLabel:
    mask = mask_of(points, tilt)
    return pseudo_label(silhouette_of(mask, mask, 1.0), clothing)


def farthest(label: PseudoLabel, points: Points, tilt: float = 0.0) -> tuple[float, str]:
    truth = dict(zip(points, turned(points, tilt), strict=True))
    known = [name for name in truth if name in label.points]
    return max((float(np.linalg.norm(label.points[name] - truth[name])), name) for name in known)


@pytest.mark.parametrize("tilt", [0.0, 7.0, -7.0])
@pytest.mark.parametrize(
    ("points", "clothing", "category"),
    [
        (TSHIRT, "t-shirt", "short sleeve top"),
        (TSHIRT, "shirt", "short sleeve top"),
        (LONGSLEEVE, "longsleeve", "long sleeve top"),
        (LONGSLEEVE, "outwear", "long sleeve outwear"),
        (LONGSLEEVE, "dress", "long sleeve dress"),
        (TROUSERS, "pants", "trousers"),
        (SKIRT, "skirt", "skirt"),
    ],
)
def test_landmarks_are_where_they_were_drawn(points: Points, clothing: str, category: str, tilt: float) -> None:
    label = label_of(points, clothing, tilt)
    assert label.category == category
    assert label.trust > 0.8
    assert label.unsure == ()
    distance, name = farthest(label, points, tilt)
    assert distance < 26, f"{name} is {distance:.0f} pixels off"


def test_a_dress_with_straps_has_no_cuffs() -> None:
    label = label_of(VEST_DRESS, "dress")
    assert label.category == "vest dress"
    assert not [name for name in (*label.points, *label.unsure) if name.startswith("cuff")]
    assert {"neck_left", "shoulder_right", "hem_left"} <= set(label.points)


def test_sleeves_that_lie_on_the_body_are_unsure_and_not_absent() -> None:
    label = label_of(SLEEVES_ON_BODY, "longsleeve")
    assert label.category == "long sleeve top"
    assert {"armpit_left", "cuff_left_outer", "cuff_right_inner"} <= set(label.unsure)
    assert {"neck_left", "neck_right"} <= set(label.points)
    assert not set(label.unsure) & set(label.points)


def test_a_folded_sleeve_is_unsure_and_its_side_is_read_from_the_other() -> None:
    folded = {name: point for name, point in LONGSLEEVE.items() if not name.startswith("cuff_left")}
    folded["armpit_left"] = (92.0, 200.0)
    label = label_of(folded, "longsleeve")
    assert {"cuff_left_outer", "cuff_left_inner"} <= set(label.unsure)
    assert np.linalg.norm(label.points["armpit_left"] - (95, 150)) < 35
    assert np.linalg.norm(label.points["cuff_right_outer"] - (290, 290)) < 10


def test_left_is_the_pictures_left() -> None:
    for clothing in CLASSES:
        shape = TROUSERS if clothing in ("pants", "shorts") else SKIRT if clothing == "skirt" else TSHIRT
        points = label_of(shape, clothing).points
        for name, point in points.items():
            if "left" in name:
                assert point[0] < points[name.replace("left", "right")][0], (clothing, name)


def test_what_touches_the_border_or_is_lopsided_is_not_trusted() -> None:
    mask = mask_of(TSHIRT)
    cropped = mask[40:330, 60:240]
    assert pseudo_label(silhouette_of(cropped, cropped, 1.0), "t-shirt").trust < 0.3
    lopsided = mask.copy()
    lopsided[180:390, 5:90] = 255
    assert pseudo_label(silhouette_of(lopsided, lopsided, 1.0), "t-shirt").trust < 0.5


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(KeyError):
        label_of(TSHIRT, "hat")
