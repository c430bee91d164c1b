"""Laying a hit over its query."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from seamline.core.box_corners import box_corners, boxes_around
from seamline.desk.alignment import Alignment, align
from seamline.desk.pairs import Box, ComparedPart, Pair, Side
from seamline.report.drawing import corners_of

QUERY_BOX = (100.0, 50.0, 300.0, 450.0)
PARTS = ((170, 50, 230, 110), (140, 110, 260, 270), (140, 270, 260, 450), (100, 70, 140, 290), (260, 90, 300, 310))
MIRROR = (0, 1, 2, 4, 3)


def side(box: Box, part_boxes: tuple[Box | None, ...]) -> Side:
    """A garment of which only its places matter."""
    corners = tuple(None if part is None else corners_of(box_corners(part)) for part in part_boxes)
    return Side("item", "photo.jpg", "ab" * 32, (400, 500), 0, "dress", box, part_boxes, corners, {})


def turned_by(garment: Side, degrees: float, flip: float | None = None) -> Side:
    """The garment as another photo shows it, turned; `flip`: the width in which it was mirrored before."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    places = np.array(garment.part_corners)
    if flip is not None:
        places = ((flip, 0) + places * (-1, 1))[:, [1, 0, 3, 2]][list(MIRROR)]
    places = (places - (200, 250)) @ np.array([[cosine, sine], [-sine, cosine]]) + (230, 240)
    boxes = tuple(tuple(map(float, box)) for box in boxes_around(places))
    return dataclasses.replace(garment, part_boxes=boxes, part_corners=tuple(map(corners_of, places)))


def pair(query: Side, hit: Side, *, mirrored: bool = False) -> Pair:
    """Both, compared part by part."""
    partners = MIRROR if mirrored else range(5)
    parts = tuple(
        ComparedPart(f"p{n}", f"p{n}", f"p{n}", 0.9, 0.8, True, partner) for n, partner in enumerate(partners)
    )
    return Pair(query, hit, parts, 4.0, 0.9, mirrored, {})


def seen(box: Box, scale: float, right: float, down: float, flip: float | None = None) -> Box:
    """A box in another photo of the same garment; `flip`: the width in which it was mirrored before."""
    x0, y0, x1, y1 = box if flip is None else (flip - box[2], box[1], flip - box[0], box[3])
    return x0 * scale + right, y0 * scale + down, x1 * scale + right, y1 * scale + down


def moved(alignment: Alignment, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the hit lies in the query."""
    across, down = alignment.matrix @ (x, y, 1)
    return float(across), float(down)


def test_a_hit_that_is_larger_and_elsewhere_is_laid_over_its_query_exactly() -> None:
    hit = side(seen(QUERY_BOX, 2, 30, -20), tuple(seen(box, 2, 30, -20) for box in PARTS))
    found = align(pair(side(QUERY_BOX, PARTS), hit))
    assert moved(found, 170 * 2 + 30, 50 * 2 - 20) == pytest.approx((170, 50))
    assert moved(found, 300 * 2 + 30, 310 * 2 - 20) == pytest.approx((300, 310))
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.by_parts
    assert not found.rough


def test_a_mirrored_hit_is_flipped_so_that_its_right_sleeve_lies_on_the_left_one() -> None:
    boxes = [seen(box, 0.5, 10, 5, flip=400) for box in PARTS]
    hit = side(seen(QUERY_BOX, 0.5, 10, 5, flip=400), tuple(boxes[place] for place in MIRROR))
    found = align(pair(side(QUERY_BOX, PARTS), hit, mirrored=True))
    right_sleeve = hit.part_boxes[4]
    assert right_sleeve is not None
    assert moved(found, right_sleeve[2], right_sleeve[1]) == pytest.approx((100, 70))
    assert np.linalg.det(found.matrix[:, :2]) < 0
    assert found.error == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("degrees", [90, 180, 270, 37, -64])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_garment_that_lies_any_way_up_is_laid_over_its_query_exactly(degrees: float, mirrored: bool) -> None:
    query = side(QUERY_BOX, PARTS)
    hit = turned_by(query, degrees, 400 if mirrored else None)
    found = align(pair(query, hit, mirrored=mirrored))
    for place, part in enumerate(pair(query, hit, mirrored=mirrored).parts):
        own, other = query.part_corners[place], hit.part_corners[part.partner]
        assert own is not None
        assert other is not None
        for n, point in enumerate(other):
            assert moved(found, *point) == pytest.approx(own[[1, 0, 3, 2][n] if mirrored else n], abs=1e-3)
    assert found.error == pytest.approx(0, abs=1e-6)


def test_pairs_that_were_kept_before_there_were_corners_have_those_of_their_boxes() -> None:
    known = pair(side(QUERY_BOX, PARTS), side(QUERY_BOX, (*PARTS[:4], None)))
    data = json.loads(json.dumps(known.to_data()))
    assert Pair.from_data(data) == known
    for name in ("query", "hit"):
        del data[name]["part_corners"]
    assert Pair.from_data(data) == known


def test_a_turned_garment_without_corners_is_turned_back_by_the_centres_of_its_parts() -> None:
    angle = np.radians(10)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def turned(box: Box) -> Box:
        x, y = turn @ ((box[0] + box[2]) / 2 - 200, (box[1] + box[3]) / 2 - 250) + (200, 250)
        width, height = box[2] - box[0], box[3] - box[1]
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2

    found = align(pair(side(QUERY_BOX, PARTS), side(QUERY_BOX, tuple(turned(box) for box in PARTS))))
    angle_found = np.degrees(np.arctan2(found.matrix[1, 0], found.matrix[0, 0]))
    assert -10 < angle_found < -5
    assert 0 < found.error < 0.05


def test_a_part_that_only_one_garment_shows_is_left_out() -> None:
    nowhere = (*PARTS[:4], None)
    wrong = (*PARTS[:4], (0.0, 0.0, 5.0, 5.0))
    found = align(pair(side(QUERY_BOX, nowhere), side(QUERY_BOX, wrong)))
    assert found.matrix == pytest.approx(np.array([[1, 0, 0], [0, 1, 0]]), abs=1e-9)


@pytest.mark.parametrize("mirrored", [False, True])
def test_garments_without_common_parts_are_laid_over_each_other_by_their_own_boxes(mirrored: bool) -> None:
    nothing = (None,) * 5
    found = align(pair(side(QUERY_BOX, PARTS), side((0.0, 0.0, 100.0, 200.0), nothing), mirrored=mirrored))
    assert moved(found, 50, 100) == pytest.approx((200, 250))
    assert moved(found, 100 if mirrored else 0, 0) == pytest.approx((100, 50))
    assert not found.by_parts
    assert found.rough


def test_parts_in_quite_other_places_are_told_as_rough() -> None:
    shuffled = (PARTS[2], PARTS[4], PARTS[0], PARTS[1], PARTS[3])
    assert align(pair(side(QUERY_BOX, PARTS), side(QUERY_BOX, shuffled))).rough


def test_boxes_without_extent_lead_to_a_finite_transform() -> None:
    point = (10.0, 10.0, 10.0, 10.0)
    found = align(pair(side(point, (point,) * 5), side(point, (point,) * 5)))
    assert np.isfinite(found.matrix).all()
    assert found.error == 0


def test_an_alignment_is_plain_values_for_the_page() -> None:
    data = align(pair(side(QUERY_BOX, PARTS), dataclasses.replace(side(QUERY_BOX, PARTS), item="b"))).to_data()
    assert data["rough"] is False
    assert data["by_parts"] is True
    assert len(data["matrix"]) == 2
