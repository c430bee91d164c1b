"""The quality benchmark on a small folder of drawn photos, through the committed networks."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.quality.__main__ import main
from benchmarks.quality.baselines import colour_histogram, perceptual_hash
from benchmarks.quality.figures import Figure, Report
from benchmarks.quality.gallery import Vectors, gallery, joined, vectors_of
from benchmarks.quality.queries import contact_sheet, partial_copies, same_garment
from benchmarks.quality.retrieval import Catalogue, Suspect, calibration, evidence, retrieval
from benchmarks.quality.serving import Garments, ServedPath
from benchmarks.quality.truth import annotated, held_out
from seamline.garments import DEFAULT_SPEC
from seamline.spec import LANDMARKS, REGIONS
from tests.data.shapes import LONGSLEEVE, TSHIRT, photo_of

REPOSITORY = Path(__file__).parents[2] / "model_repository"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight flat-lay photos, one of them annotated, and two street photos."""
    folder = tmp_path_factory.mktemp("photos")
    for place in range(8):
        split, clothing = ("validation", "train")[place % 2], ("t-shirt", "longsleeve")[place % 4 // 2]
        file = folder / "flatlay" / split / clothing / f"{place}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        shape = TSHIRT if clothing == "t-shirt" else LONGSLEEVE
        Image.fromarray(photo_of(shape, seed=place)).save(file, quality=92)
    entry = {
        "file": "flatlay/validation/t-shirt/0.jpg",
        "bbox": [30, 60, 271, 341],
        "points": {**TSHIRT, "crotch": None},
    }
    (folder / "landmarks.json").write_text(json.dumps([entry]))
    street = folder / "street"
    (street / "images").mkdir(parents=True)
    (street / "labels").mkdir()
    (street / "label_names.txt").write_text("0\tnull\n1\tskin\n2\tskirt\n")
    labels = np.zeros((200, 120), np.uint8)
    labels[80:160, 30:90] = 2
    for number in (800, 801):
        Image.fromarray(np.stack([labels * 90] * 3, axis=-1)).save(street / "images" / f"{number:04}.jpg")
        Image.fromarray(labels).save(street / "labels" / f"{number:04}.png")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where segmentations and vectors are kept between the tests of this module."""
    return tmp_path_factory.mktemp("cache")


def vectors(count: int, seed: int = 0) -> Vectors:
    random = np.random.default_rng(seed)

    def unit(*shape: int) -> np.ndarray:
        drawn = random.normal(size=shape)
        return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)

    return Vectors(np.arange(count), unit(count, 5, 64), unit(count, 8), unit(count, 64), unit(count, 216))


def garments_like(gallery: Vectors, index: int, changed: tuple[int, ...] = ()) -> Garments:
    """A photo whose one garment has a gallery garment's vectors, save for the changed regions."""
    embedding = gallery.regions[[index]].copy()
    embedding[0, list(changed)] = vectors(1, seed=99).regions[0, list(changed)]
    crops = np.random.default_rng(index).integers(0, 255, (1, 40, 40, 3)).astype(np.uint8)
    return Garments(
        np.zeros((1, 4), np.float32), np.ones(1, np.float32), ("vest",), np.zeros((1, len(LANDMARKS), 3), np.float32),
        np.zeros((1, 5, 4), np.float32), np.ones((1, 5), np.float32), embedding, gallery.whole[[index]], crops,
    )  # fmt: skip


def query(original: int, changed: tuple[int, ...] = ()) -> object:
    from benchmarks.quality.queries import Query

    kept = tuple(index for index in range(len(REGIONS)) if index not in changed) if changed else ()
    return Query(b"", str(original), False, changed, kept)


def catalogue_of(found: Vectors) -> Catalogue:
    return Catalogue.of(found, [str(index) for index in range(len(found))], DEFAULT_SPEC, seed=0)


def test_the_whole_command_prints_every_section_and_writes_both_files(
    photos: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / name for name in ("figures.json", "figures.md", "sheet.png")]
    options = ["--json", str(files[0]), "--markdown", str(files[1]), "--contact-sheet", str(files[2])]
    assert main([str(photos), "--cache", str(cache), "--processes", "1", *options]) == 0
    report = json.loads(files[0].read_text())
    sections = {figure["section"] for figure in report["figures"]}
    assert sections == {
        "detector", "landmarks", "regions", "same garment", "1 or 2 regions redesigned", "evidence", "copy probability",
    }  # fmt: skip
    assert "| detector |" in files[1].read_text()
    assert "partial: hit@1" in capsys.readouterr().out
    assert report["setting"]["split"].startswith("4 originals")
    assert files[2].stat().st_size > 0


def test_street_photos_of_training_are_left_out(photos: Path) -> None:
    from benchmarks.quality.truth import street_truth

    assert [image.name for image, _ in street_truth(photos)] == ["0801.jpg"]


def test_vectors_of_the_gallery_are_read_again(photos: Path, cache: Path) -> None:
    path = ServedPath(REPOSITORY, threads=1)
    files = sorted((photos / "flatlay" / "train").rglob("*.jpg"))
    first = gallery(path, files, cache, processes=1)
    kept = sorted(cache.glob("gallery-*.npz"))
    second = gallery(path, files, cache, processes=1)
    assert sorted(cache.glob("gallery-*.npz")) == kept
    assert all(
        np.array_equal(*pair) for pair in zip(dataclasses.astuple(first), dataclasses.astuple(second), strict=True)
    )


def test_a_given_box_is_the_one_garment(photos: Path) -> None:
    path = ServedPath(REPOSITORY, threads=1)
    (item,) = annotated(photos)
    found = path.embed((photos / item.file).read_bytes(), item.box)
    assert len(found) == 1
    assert np.allclose(found.boxes[0], item.box)
    one = vectors_of(found, 7)
    assert one.photo.tolist() == [7]
    assert len(joined([one, one])) == 2


def test_suspect_photos_are_seeded_half_mirrored_and_name_their_regions(photos: Path, cache: Path) -> None:
    sources = held_out(photos, cache, processes=1)
    same = list(same_garment(photos, cache, sources, seed=3))
    assert [one.data for one in same] == [one.data for one in same_garment(photos, cache, sources, seed=3)]
    assert [one.data for one in same] != [one.data for one in same_garment(photos, cache, sources, seed=4)]
    assert [one.mirrored for one in same] == [place % 2 == 1 for place in range(len(same))]
    copies = list(partial_copies(photos, cache, sources, 3, DEFAULT_SPEC))
    assert copies
    for copy in copies:
        assert 1 <= len(copy.changed) <= 2
        assert not set(copy.changed) & set(copy.kept)
        assert len(copy.changed) + len(copy.kept) >= 4
    assert contact_sheet(copies).shape[1] == 1600


def test_a_copy_is_found_and_its_redesigned_regions_are_told() -> None:
    found = vectors(60)
    catalogue = catalogue_of(found)
    suspects = [Suspect(query(index, (0, 3)), garments_like(found, index, (0, 3))) for index in range(20)]
    figures = {figure.name: figure.value for figure in retrieval("copies", catalogue, suspects)}
    assert figures["partial: hit@1"] == 1.0
    assert figures["weighted: mAP"] == 1.0
    assert figures["baseline: one vector of the crop: hit@1"] == 1.0
    assert figures["baseline: perceptual hash: hit@1"] < 0.5
    told = {figure.name: figure.value for figure in evidence(catalogue, suspects)}
    assert told["redesigned or kept: ROC AUC of the regions' similarity"] == 1.0
    assert told["redesigned regions called changed"] == 1.0
    assert told["kept regions called changed"] == 0.0
    judged = {figure.name: figure.value for figure in calibration(catalogue, suspects, seed=0)}
    assert judged["one copy, one unrelated: ROC AUC"] == 1.0


def test_a_suspect_photo_without_a_garment_counts_as_missed() -> None:
    catalogue = catalogue_of(vectors(10))
    figures = {figure.name: figure.value for figure in retrieval("copies", catalogue, [Suspect(query(1), None)])}
    assert figures["partial: hit@1"] == 0.0
    assert figures["partial: mAP"] == 0.0
    assert figures["no garment found in the suspect photo"] == 1.0


def test_a_photo_scores_as_its_best_garment_and_an_empty_one_last() -> None:
    found = dataclasses.replace(vectors(3), photo=np.array([0, 0, 2]))
    catalogue = Catalogue.of(found, ["a", "b", "c"], DEFAULT_SPEC, seed=0)
    assert catalogue.by_photo(np.array([0.2, 0.7, 0.5], np.float32)).tolist() == pytest.approx([0.7, -math.inf, 0.5])


def test_the_perceptual_hash_survives_light_and_size_and_tells_pictures_apart() -> None:
    picture, other = photo_of(TSHIRT)[:300], photo_of(LONGSLEEVE)[:300]
    darker = np.asarray(Image.fromarray((picture * 0.8).astype(np.uint8)).resize((150, 150)))
    assert perceptual_hash(picture) @ perceptual_hash(darker) > 0.85
    assert perceptual_hash(picture) @ perceptual_hash(other) < perceptual_hash(picture) @ perceptual_hash(darker)
    assert perceptual_hash(picture) @ perceptual_hash(picture) == pytest.approx(1.0)
    assert colour_histogram(picture) @ colour_histogram(picture) == pytest.approx(1.0)


def test_a_report_shows_missing_values_as_such() -> None:
    report = Report((Figure("a", "b", math.nan, 0), Figure.mean_of("a", "c", [1.0, 0.0])), {"seed": 0})
    assert json.loads(report.to_json())["figures"][0]["value"] is None
    assert "| a | b | - |  | 0 |" in report.to_markdown()
    assert "0.500" in report.to_markdown()
