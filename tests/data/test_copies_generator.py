"""Whole copies: the truth about their regions, and the command that makes folders and sheets of them."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seamline.core.image import decode
from seamline.core.spec import LANDMARKS
from seamline.data.copies import LEVELS, GarmentSample, Level, background_of, make_copy, sample_of
from seamline.data.copies.__main__ import main
from seamline.data.copies.contact_sheet import TILE, contact_sheet
from seamline.data.copies.originals import drawn_sample
from seamline.data.copies.params import EditParams
from seamline.data.label_file import Label, write_labels
from seamline.systems.psnet.spec import REGIONS
from tests.data.copy_shapes import MEDIUM, POINTS, RED, STILL, but, tshirt

CALM = Level("calm", 1, EditParams(), STILL)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@cache
def sources() -> tuple[GarmentSample, ...]:
    return tuple(drawn_sample(random(seed), "short sleeve top", 256) for seed in range(3))


def test_one_or_two_regions_are_redesigned_and_the_others_kept_unless_touched() -> None:
    counts = set()
    for seed in range(8):
        copy = make_copy(tshirt(), sources(), [RED], CALM, random(seed))
        counts.add(len(copy.redesigned))
        assert len(copy.edits) >= len(copy.redesigned)
        assert not set(copy.redesigned) & set(copy.kept)
        assert set(copy.redesigned) | set(copy.kept) <= set(range(len(REGIONS)))
    assert counts == {1, 2}


@pytest.mark.parametrize("count", [1, 2])
def test_the_number_of_regions_can_be_asked_for(count: int) -> None:
    copies = [make_copy(tshirt(), sources(), [RED], CALM, random(seed), regions=count) for seed in range(5)]
    assert max(len(copy.redesigned) for copy in copies) == count


def test_a_stolen_photo_keeps_every_region() -> None:
    copy = make_copy(tshirt(), sources(), [RED], CALM, random(), regions=0)
    assert copy.redesigned == ()
    assert copy.edits == ()
    assert copy.kept == tuple(range(len(REGIONS)))


def test_a_region_that_is_out_of_the_picture_is_neither_kept_nor_redesigned() -> None:
    cropped = dataclasses.replace(CALM, photo=but(crop=1.0, crop_depth=(0.32, 0.32), fill=(0.98, 0.98), mirror=1.0))
    unknown = set()
    for seed in range(8):
        copy = make_copy(tshirt(), sources(), [RED], cropped, random(seed), regions=0)
        assert copy.mirrored
        unknown |= set(range(len(REGIONS))) - set(copy.kept)
    assert {3, 4} <= unknown


def test_mirroring_does_not_change_whose_left_and_right_the_truth_means() -> None:
    mirrored = dataclasses.replace(CALM, photo=but(mirror=1.0))
    straight, turned = (make_copy(tshirt(), sources(), [RED], level, random(3)) for level in (CALM, mirrored))
    assert (straight.redesigned, straight.kept, straight.edits) == (turned.redesigned, turned.kept, turned.edits)
    assert (straight.mirrored, turned.mirrored) == (False, True)


def test_the_same_state_gives_the_same_copy() -> None:
    one, other = (make_copy(tshirt(), sources(), [RED], LEVELS["hard"], random(4)) for _ in range(2))
    assert np.array_equal(one.sample.rgb, other.sample.rgb)
    assert (one.redesigned, one.kept, one.edits, one.mirrored) == (
        other.redesigned, other.kept, other.edits, other.mirrored,
    )  # fmt: skip


def test_a_garment_without_a_known_region_cannot_be_copied() -> None:
    bare = dataclasses.replace(tshirt(), mask=np.zeros_like(tshirt().mask))
    with pytest.raises(ValueError, match="no region of this garment is visible"):
        make_copy(bare, sources(), [RED], MEDIUM, random())


def test_copies_work_without_sources_and_backgrounds() -> None:
    assert make_copy(tshirt(), (), (), MEDIUM, random(5)).sample.rgb.ndim == 3


def a_label(folder: Path) -> Label:
    """Write the T-shirt and its mask to a folder, with its label."""
    (folder / "photos").mkdir()
    Image.fromarray(tshirt().rgb).save(folder / "photos" / "shirt.png")
    Image.fromarray(tshirt().mask).save(folder / "shirt.mask.png")
    height, width = tshirt().mask.shape
    points = {name: POINTS.get(name) for name in LANDMARKS}
    box = (30.0, 60.0, 270.0, 340.0)
    label = Label("shirt.png", width, height, box, "short sleeve top", points, "drawn", "shirt.mask.png")
    write_labels(folder / "labels.jsonl", [label])
    return label


def test_a_label_becomes_a_sample(tmp_path: Path) -> None:
    label = a_label(tmp_path)
    sample = sample_of(label, tmp_path / "photos", tmp_path)
    assert np.array_equal(sample.rgb, tshirt().rgb)
    assert np.array_equal(sample.mask, tshirt().mask)
    assert np.array_equal(sample.points, tshirt().points)
    with pytest.raises(ValueError, match="no mask"):
        sample_of(dataclasses.replace(label, mask=None), tmp_path / "photos", tmp_path)


def test_the_command_writes_copies_with_their_truth(tmp_path: Path) -> None:
    a_label(tmp_path)
    where = [str(tmp_path / "photos"), str(tmp_path / "labels.jsonl"), "--level", "easy", "--count", "2"]
    assert main([*where, "--out", str(tmp_path / "out"), "--sheet", str(tmp_path / "sheet.png")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "out" / "copies.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["original"] == "shirt.png"
        assert set(line["redesigned"]) | set(line["kept"]) <= set(REGIONS)
        rgb, mask = (decode((tmp_path / "out" / line[key]).read_bytes()).rgb for key in ("copy", "mask"))
        assert rgb.shape[:2] == mask.shape[:2] == (line["height"], line["width"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size[0] == 3 * (TILE[0] + 8)


def test_the_command_asks_for_photos_or_drawings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--drawn" in capsys.readouterr().err


def test_the_command_draws_its_own_garments(tmp_path: Path) -> None:
    assert main(["--drawn", "--count", "2", "--out", str(tmp_path)]) == 0
    assert len((tmp_path / "copies.jsonl").read_text().splitlines()) == 2


def test_a_sheet_has_a_row_for_each_original() -> None:
    copy = make_copy(tshirt(), sources(), [background_of(tshirt(), random())], MEDIUM, random(6))
    sheet = contact_sheet([(tshirt(), [copy, copy]), (tshirt(), [copy])])
    assert sheet.shape[0] > 2 * TILE[1]
    assert sheet.shape[1] == 3 * (TILE[0] + 8)
