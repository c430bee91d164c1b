"""A whole evaluation of the committed networks on drawn photos."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.errors import BadOption
from seamline.evaluation.benchmark import Benchmark, prepare
from seamline.evaluation.detections import detect
from seamline.evaluation.embeddings import embed
from seamline.evaluation.labelled import annotated
from seamline.evaluation.photos import SECTIONS, Options, PhotoSet
from seamline.evaluation.ranking import served
from seamline.evaluation.report import last_figure
from seamline.evaluation.run import evaluate_systems, systems_of
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT
from tests.support.repositories import MODEL_REPOSITORY

OF_COPIES = (
    "copies found", "copies among look-alikes", "shipped ranking, by category",
    "shipped ranking, by what became of the copy", "redesigned or kept", "region boxes on copies", "copy probability",
)  # fmt: skip


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights.of_repository(MODEL_REPOSITORY)


@pytest.fixture(scope="module")
def options(drawn_photos: Path, cache: Path) -> Options:
    return Options(drawn_photos, cache, copies=2, processes=1)


@pytest.fixture(scope="module")
def benchmark(options: Options, weights: Weights) -> Benchmark:
    return prepare(options, weights, "easy")


def test_the_gallery_holds_all_photos_and_the_copies_of_the_held_out_ones(benchmark: Benchmark) -> None:
    problem = benchmark.problem
    assert (problem.queries, problem.photos) == (3, 6 + 6)
    assert problem.relevant.sum(1).tolist() == [2, 2, 2]
    assert not (problem.relevant & problem.self_mask).any()
    assert not (problem.hard_negative & (problem.relevant | problem.self_mask)).any()


def test_all_sections_are_measured(options: Options, weights: Weights) -> None:
    report = evaluate_systems(options, {"ours": weights}, "easy", SECTIONS)
    titles = [section.title for section in report.sections]
    assert titles == [
        "real pairs: the same garment", "real pairs: in another colour",
        "copy probability, first 10 hits: calibration error by kind of photo",
        "rotation: turned photos find themselves",
        "detector on flat-lay photos", "detector on street photos",
        "detector on street photos: what a garment is taken for", "landmarks: distance / box diagonal",
        "region boxes: IoU on annotated photos", "landmarks on people: distance / box diagonal, true box",
        "landmarks on people: confidence", "region boxes on people: IoU, true box",
        *(f"{level}: {what}" for level in ("easy", "worn", "cross") for what in OF_COPIES),
    ]  # fmt: skip
    assert report.setting["regions"] == weights.spec.fingerprint


def test_systems_stand_beside_each_other_in_one_table_and_keep_their_last_figures(
    options: Options, weights: Weights
) -> None:
    report = evaluate_systems(options, {"one": weights, "other": weights}, "easy", ("pairs",), ["partial", "global"])
    pairs, shown = report.sections[0], served(weights.spec, ["partial", "global"])
    assert pairs.rows == tuple(f"{name}: {ranking.name}" for name in ("one", "other") for ranking in shown)
    last = last_figure("other", options.cache)
    assert last is not None
    assert (last.section, last.name, last.metric) == (pairs.title, shown[0].name, "mAP")
    assert last.value == next(one.value for one in pairs.figures if one.name == f"other: {shown[0].name}")
    assert last_figure("never evaluated", options.cache) is None


def test_systems_are_those_that_are_named(tmp_path: Path, weights: Weights) -> None:
    assert systems_of([], [], MODEL_REPOSITORY) == {DEFAULT: weights}
    with pytest.raises(BadOption, match="no system 'another'"):
        systems_of(["another"], [], MODEL_REPOSITORY)
    with pytest.raises(BadOption, match="--weights psnet=FOLDER"):
        systems_of(["psnet"], [], MODEL_REPOSITORY)
    with pytest.raises(BadOption, match="NAME=FOLDER"):
        systems_of([], ["=folder"], MODEL_REPOSITORY)


def test_no_row_takes_the_place_of_another(tmp_path: Path, weights: Weights) -> None:
    (tmp_path / "spec.json").write_text(weights.spec.to_json())
    for name, file in weights.networks.items():
        (tmp_path / f"{name}.onnx").symlink_to(file)
    assert list(systems_of([DEFAULT], [f"new={tmp_path}"], MODEL_REPOSITORY)) == [DEFAULT, "new"]
    for names, folders in (([DEFAULT], [str(tmp_path)]), ([], [f"new={tmp_path}", f"new={tmp_path}"])):
        with pytest.raises(BadOption, match=r"two rows would be called .*--weights NAME=FOLDER"):
            systems_of(names, folders, MODEL_REPOSITORY)


def test_a_ranking_that_a_system_does_not_offer_is_refused(weights: Weights) -> None:
    assert {ranking.ranking.name for ranking in served(weights.spec, ["weighted"])} == {"weighted"}
    one = dataclasses.replace(weights.spec, rankings=("global",))
    assert [ranking.name for ranking in served(one)] == ["shipped ranking: global"]
    with pytest.raises(BadOption, match="no ranking weighted"):
        served(one, ["weighted"])


def test_fewer_queries_and_photos_can_be_asked_for(drawn_photos: Path, cache: Path, weights: Weights) -> None:
    few = prepare(Options(drawn_photos, cache, copies=1, processes=1, queries=2, gallery=4), weights, "easy")
    assert (few.problem.queries, few.problem.photos) == (2, 4 + 2)


def test_a_folder_without_held_out_photos_is_named(tmp_path: Path, weights: Weights) -> None:
    with pytest.raises(BadOption, match="flatlay/validation"):
        prepare(Options(tmp_path, tmp_path, processes=1), weights, "easy")


def test_garments_and_vectors_are_those_of_the_served_path(drawn_photos: Path, cache: Path, weights: Weights) -> None:
    files = sorted((drawn_photos / "flatlay").rglob("*.jpg"))
    found = detect({"photos": PhotoSet("photos", tuple(files))}, weights, cache, processes=1)
    embeddings = embed(found, weights, cache, processes=1)["photos"]
    pipeline = weights.open_pipeline(threads=1)
    served = [pipeline.embed(file.read_bytes())[1] for file in files]
    assert np.bincount(found["photos"].photo, minlength=len(files)).tolist() == [len(one) for one in served]
    np.testing.assert_allclose(embeddings.vectors, np.concatenate([one.vectors for one in served]), atol=1e-4)
    np.testing.assert_allclose(embeddings.part_boxes, np.concatenate([one.part_boxes for one in served]), atol=0.1)


def test_what_was_computed_is_read_again(drawn_photos: Path, tmp_path: Path, weights: Weights) -> None:
    files = sorted((drawn_photos / "flatlay" / "train").rglob("*.jpg"))
    sets = {"photos": PhotoSet("photos", tuple(files))}
    first = embed(detect(sets, weights, tmp_path, 1), weights, tmp_path, 1)["photos"]
    written = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    second = embed(detect(sets, weights, tmp_path, 1), weights, tmp_path, 1)["photos"]
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == written
    np.testing.assert_array_equal(first.vectors, second.vectors)


def test_a_given_box_is_the_one_garment(drawn_photos: Path, weights: Weights) -> None:
    (item,) = annotated(drawn_photos)
    found, embeddings = weights.open_pipeline(threads=1).embed((drawn_photos / item.file).read_bytes(), item.box)
    assert len(found) == len(embeddings) == 1
    assert np.allclose(found.boxes[0], item.box)


def test_exported_weights_take_the_repositorys_detector(tmp_path: Path, weights: Weights) -> None:
    for name, file in weights.networks.items():
        shutil.copy(file, tmp_path / f"{name}.onnx")
    with pytest.raises(BadOption, match=r"spec\.json"):
        Weights.of_folder(tmp_path, MODEL_REPOSITORY)
    (tmp_path / "spec.json").write_text(weights.spec.to_json())
    exported = Weights.of_folder(tmp_path, MODEL_REPOSITORY)
    assert exported.detector == weights.detector
    assert (exported.detection_key(), exported.vector_key()) == (weights.detection_key(), weights.vector_key())


def test_a_folder_that_is_no_model_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="no step 'encoder'"):
        Weights.of_repository(tmp_path)
