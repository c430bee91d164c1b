"""What two forms of a network do differently is counted right, and refused where it is too much."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from seamline.core.spec import LANDMARKS
from seamline.exporting.networks import Array, default_networks
from seamline.exporting.parity import FP16, FP32, Comparison, compare, rotated
from seamline.exporting.pipeline import compare_pipelines
from seamline.exporting.samples import choose_photos, crops, letterboxes
from seamline.systems.base import Run
from seamline.systems.psnet.steps import PSNetEmbedder
from seamline.systems.psnet_lite.spec import GRID, default_spec

NETWORKS = default_networks()
SPEC = default_spec()

POINTS = len(LANDMARKS)


def encoder(shift: float = 0.0, features: float = 0.0, confidence: float = 0.9) -> Run:
    """Landmarks on a diagonal of the crop; of the second crop of a batch they are moved by `shift` pixels."""

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        count = len(arrays["CROPS"])
        diagonal = np.linspace(20, 200, POINTS, dtype=np.float32)
        points = np.stack([diagonal, diagonal, np.full(POINTS, confidence, np.float32)], -1)
        landmarks = np.tile(points, (count, 1, 1))
        landmarks[1:2, :, 0] += shift
        cells = np.linspace(0.5, 1.5, 28 * 28, dtype=np.float32).reshape(28, 28)
        maps = np.tile(cells, (count, 128, 1, 1))
        maps[:, 0, 0, 0] = 2 + features
        return {"FEATURES": maps, "CROP_LANDMARKS": landmarks, GRID: np.ones((count, *SPEC.own_tensors()[GRID]))}

    return run


def head(turn: float = 0.0, length: float = 1.0) -> Run:
    """Unit vectors, one region's turned by an angle, zero where a region is not visible."""

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        regions = arrays["REGION_VISIBLE"]
        visible = np.concatenate([regions, np.ones((len(regions), len(SPEC.parts.whole)), np.float32)], 1)
        vectors = np.zeros((*visible.shape, 128), np.float32)
        vectors[..., 0] = length
        vectors[:, 1, :2] = length * np.cos(turn), length * np.sin(turn)
        return {"EMBEDDING": vectors * (visible > 0)[..., None]}

    return run


def test_the_same_network_differs_by_nothing() -> None:
    for part, run in (("encoder", encoder()), ("region_head", head())):
        found = compare(NETWORKS[part], run, run, (), (1, 2))
        assert all(one.largest == one.mean == one.relative == 0 for one in found.differences)
        assert found.refusals(FP32) == []


def test_differences_are_counted_per_output_and_batch() -> None:
    found = compare(NETWORKS["encoder"], encoder(), encoder(features=0.02), (), (1, 3))
    assert [(one.output, one.batch) for one in found.differences] == [
        ("FEATURES", 1), ("CROP_LANDMARKS", 1), (GRID, 1), ("FEATURES", 3), ("CROP_LANDMARKS", 3), (GRID, 3)
    ]  # fmt: skip
    assert found.differences[0].largest == pytest.approx(0.02, abs=1e-6)
    assert found.differences[0].relative == pytest.approx(0.01, abs=1e-6)
    assert found.differences[0].mean == pytest.approx(0.02 / 128 / 784, rel=1e-3)
    assert found.photos == 0
    assert found.refusals(FP32) == ["FEATURES differs by 0.01 of its largest value at batch 1, 0.002 is allowed"]
    assert found.refusals(FP16) == []


def test_a_landmark_that_moves_too_far_is_refused() -> None:
    found = compare(NETWORKS["encoder"], encoder(), encoder(shift=0.3), (), (1, 2))
    assert found.landmarks is not None
    assert found.landmarks.worst == pytest.approx(0.3, abs=1e-4)
    assert found.landmarks.mean == pytest.approx(0.1, abs=1e-4)
    assert any("a landmark moves by 0.3 pixels, 0.1 are allowed" in one for one in found.refusals(FP32))
    assert found.refusals(FP16) == []


def test_a_landmark_that_nobody_uses_does_not_count() -> None:
    low = SPEC.regions.min_confidence / 2
    found = compare(NETWORKS["encoder"], encoder(confidence=low), encoder(shift=5, confidence=low), (), (2,))
    assert found.landmarks is None
    assert found.refusals(FP32) == []


def test_a_turned_region_vector_is_refused() -> None:
    found = compare(NETWORKS["region_head"], head(), head(turn=0.03), (), (4,))
    assert found.cosine is not None
    assert found.cosine.worst == pytest.approx(np.cos(0.03), abs=1e-6)
    assert found.cosine.count == 4 * (len(SPEC.parts) - 1)  # one region is absent
    assert any("a part vector has the cosine 0.999550, 0.9999 is needed" in one for one in found.refusals(FP32))


def test_a_region_that_only_one_sees_is_refused() -> None:
    found = compare(NETWORKS["region_head"], head(), head(length=0.0), (), (4,))
    assert (found.alone, found.parts) == (24, 24)
    assert any("24 of 24 parts are seen by one of the two only" in one for one in found.refusals(FP16))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused_and_stays_out_of_the_json(wrong: float) -> None:
    found = compare(NETWORKS["encoder"], encoder(), encoder(features=wrong), (), (1, 2))
    assert found.refusals(FP16)
    assert json.loads(found.to_json())["differences"][0]["largest"] is None


def test_another_shape_is_refused() -> None:
    def short(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        return {name: array[..., :-1] for name, array in encoder()(arrays).items()}

    assert len(compare(NETWORKS["encoder"], encoder(), short, (), (1,)).refusals(FP16)) == 3


def embedder(shift: float) -> PSNetEmbedder:
    return PSNetEmbedder({"encoder": encoder(shift=shift), "region_head": head()}, SPEC, (GRID,))


def compared(reference: PSNetEmbedder, candidate: PSNetEmbedder) -> Comparison:
    return compare_pipelines("encoder to region_head", reference, candidate, SPEC, (), (2,))


def test_the_pipeline_pools_by_the_rules_of_every_group_and_compares_in_crop_pixels() -> None:
    found = compared(*(embedder(shift) for shift in (0.0, 0.25)))
    assert found.landmarks is not None
    assert found.landmarks.worst == pytest.approx(0.25, abs=1e-4)
    assert found.landmarks.count == 2 * POINTS * len(SPEC.regions.groups)
    assert found.cosine is not None
    assert found.cosine.worst == pytest.approx(1)
    assert {one.output for one in found.differences} == {"LANDMARKS", "PART_BOXES", "PART_VISIBLE", "EMBEDDING"}


def test_the_pipeline_is_judged_by_what_its_outputs_mean() -> None:
    found = compared(*(embedder(shift) for shift in (0.0, 20.0)))
    assert max(one.relative for one in found.differences) > FP16.relative
    assert found.refusals(FP16) == ["a landmark moves by 20 pixels, 0.5 are allowed"]


def test_the_text_names_the_worst_batch_of_each_output() -> None:
    text = compare(NETWORKS["encoder"], encoder(), encoder(shift=0.3), (), (1, 2)).text()
    assert text.startswith("encoder on random inputs")
    assert "CROP_LANDMARKS: largest difference 3.00e-01" in text
    assert "at batch 2" in text
    assert "landmarks: 0.3000 crop pixels at most" in text


def test_an_exported_network_can_be_compared_where_there_is_no_torch() -> None:
    script = "import sys, seamline.exporting; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_batch_takes_photos_that_the_ones_before_it_did_not() -> None:
    photos = [Path(f"{place}.jpg") for place in range(4)]
    assert [path.stem for path in rotated(photos, 3)] == ["3", "0", "1", "2"]
    assert rotated((), 3) == []


def test_photos_are_spread_over_the_folder(photos: Path) -> None:
    chosen = choose_photos(photos, 24)
    assert len({path.parent for path in chosen}) > 3
    assert len(set(chosen)) == 24
    assert crops(3, chosen, SPEC)["CROPS"].shape == (3, 224, 224, 3)
    assert letterboxes(2, chosen, SPEC)["DETECTOR_INPUT"].dtype == np.uint8


def test_a_comparison_on_photos_says_on_how_many(photos: Path) -> None:
    def none(chosen: Sequence[Path]) -> Comparison:
        return compare(NETWORKS["encoder"], encoder(), encoder(), chosen, (1, 2))

    assert none(choose_photos(photos, 24)).photos == 3
    assert none(choose_photos(photos, 2)).photos == 2
