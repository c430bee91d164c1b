"""Photos turned round, and whether they find themselves."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.spec import Spec
from seamline.evaluation.figures.rotation import of_rotation
from seamline.evaluation.photos import CATALOGUE, TURNED
from seamline.evaluation.protocol import problem_of_turned
from seamline.evaluation.ranking import Gallery, Searched, search, served
from seamline.evaluation.turned_photos import QUARTERS, TurnedPhoto, turned, turned_photos
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from tests.evaluation.query_galleries import found_garments, units


def test_quarters_turn_clockwise_and_lose_nothing() -> None:
    photo = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    once = turned(photo, 90)
    np.testing.assert_array_equal(once[0, -1], photo[0, 0])
    np.testing.assert_array_equal(turned(turned(once, 90), 180), photo)


def test_an_angle_between_keeps_the_photo_whole_in_the_colour_of_its_edges() -> None:
    photo = np.full((60, 40, 3), (10, 200, 30), np.uint8)
    photo[20:40, 10:30] = 250
    found = turned(photo, 30)
    assert found.shape[0] > 60
    assert found.shape[1] > 40
    np.testing.assert_array_equal(found[0, 0], (10, 200, 30))
    assert (found > 150).all(-1).sum() == pytest.approx(400, rel=0.1)


def test_each_photo_is_turned_six_times_and_only_once(drawn_photos: Path, tmp_path: Path) -> None:
    names = ["flatlay/validation/t-shirt/0.jpg", "flatlay/validation/longsleeve/2.jpg"]
    found = turned_photos(drawn_photos, names, tmp_path, seed=0, processes=1)
    assert [one.original for one in found] == [name for name in names for _ in range(6)]
    assert {one.degrees for one in found} >= set(QUARTERS)
    between = [min(one.degrees, 360 - one.degrees) for one in found if one.degrees not in QUARTERS]
    assert all(20 <= angle <= 70 for angle in between)
    written = [one.file.stat().st_mtime_ns for one in found]
    assert turned_photos(drawn_photos, names, tmp_path, seed=0, processes=1) == found
    assert written == [one.file.stat().st_mtime_ns for one in found]


def test_a_turned_photo_should_find_itself_and_no_turned_one() -> None:
    names = ["a", "b", "c"]
    photos = [TurnedPhoto("b", 90, Path("b.jpg")), TurnedPhoto("c", 33, Path("c.jpg"))]
    detected = {CATALOGUE: found_garments([0, 1, 2]), TURNED: found_garments([1], photos=2)}
    problem = problem_of_turned(names, photos, detected)
    assert problem.query_garment.tolist() == [-1, 3]
    assert problem.relevant.tolist() == [[False, True, False, False, False], [False, False, True, False, False]]
    assert problem.self_mask.tolist() == [[False] * 3 + [True] * 2] * 2


def test_shares_are_told_by_angle() -> None:
    photos = [TurnedPhoto(name, angle, Path("x.jpg")) for name in "ab" for angle in (90, 40)]
    detected = {CATALOGUE: found_garments([0, 1]), TURNED: found_garments([0, 1, 2, 3])}
    problem = problem_of_turned(["a", "b"], photos, detected)
    vectors = units(6, 5, 8)
    vectors[2] = vectors[3] = vectors[0]  # photo a finds itself however it is turned, photo b never
    spec: Spec = dataclasses.replace(
        DEFAULT_SPEC, scoring=dataclasses.replace(DEFAULT_SPEC.scoring, copy_slope=40.0, copy_offset=-20.0)
    )
    ranking = served(spec, ["weighted"])[0]
    found = {ranking: search(problem, Gallery(vectors, spec), ranking, seed=0)}
    cases = {(one.name, one.metric): np.asarray(one.values) for one in of_rotation(photos, _searched(problem, found))}
    assert cases["all", "rank 1"].tolist()[:2] == [True, True]
    assert cases["turned by 90", "both"].tolist()[0]
    assert not cases["turned by 20 to 70", "probability > 0.5"].tolist()[1]
    assert len(cases["turned by 90", "rank 1"]) == 2


def test_a_turned_photo_should_be_taken_for_what_it_is_taken_for_upright() -> None:
    photos = [TurnedPhoto(name, 90, Path("x.jpg")) for name in "abc"]
    detected = {CATALOGUE: found_garments([0, 0, 1]), TURNED: found_garments([0, 1], photos=3)}
    problem = problem_of_turned(["a", "b", "c"], photos, detected)
    problem = dataclasses.replace(problem, category=("skirt", "vest", "shorts", "skirt", "skirt"))
    ranking = served(DEFAULT_SPEC, ["weighted"])[0]
    found = {ranking: search(problem, Gallery(units(5, 5, 8), DEFAULT_SPEC), ranking, seed=0)}
    cases = {(one.name, one.metric): np.asarray(one.values) for one in of_rotation(photos, _searched(problem, found))}
    assert cases["all", "same category"].tolist() == [True, False, False]


def _searched(problem: object, results: object) -> Searched:
    return Searched(problem, None, DEFAULT_SPEC, results)  # type: ignore[arg-type]
