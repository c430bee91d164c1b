"""python -m seamline.data.readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from seamline.core.errors import SeamlineError, wire_code
from seamline.data.label_file import Label, read_labels
from seamline.data.readers.__main__ import READERS, main
from seamline.data.readers.bad_dataset import BadDataset, Location


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A DeepFashion2 folder with three photos of one skirt each."""
    for name in ("annos", "image"):
        (tmp_path / "set" / "train" / name).mkdir(parents=True)
    for number in (1, 2, 3):
        write(tmp_path / "set", number, [10, 10, 50, 50])
    return tmp_path / "set"


def write(folder: Path, number: int, box: list[int]) -> Path:
    marks = [x for place in range(8) for x in (12 + 4 * place, 12 + 4 * place, 2)]
    item = {
        "category_id": 9,
        "style": 1,
        "bounding_box": box,
        "landmarks": marks,
        "segmentation": [[9, 9, 40, 9, 9, 40]],
    }
    Image.new("RGB", (60, 60)).save(folder / "train" / "image" / f"{number:06d}.jpg")
    file = folder / "train" / "annos" / f"{number:06d}.json"
    file.write_text(json.dumps({"source": "shop", "pair_id": number, "item1": item}))
    return file


def test_the_command_writes_labels_and_masks(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "made" / "labels.jsonl"
    assert main(["deepfashion2", str(folder), "--out", str(out)]) == 0
    found = list(read_labels(out))
    assert len(found) == 3
    assert all((folder / label.photo).is_file() for label in found)
    assert all((out.parent / str(label.mask)).is_file() for label in found)
    assert "3 labels" in capsys.readouterr().out


def test_the_number_of_labels_can_be_limited(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    assert main(["deepfashion2", str(folder), "--out", str(out), "--limit", "2"]) == 0
    assert len(list(read_labels(out))) == 2


def test_bad_data_ends_the_command_and_leaves_the_old_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(folder, 2, [10, 10, 500, 50])
    out = tmp_path / "labels.jsonl"
    out.write_text("old\n")
    assert main(["deepfashion2", str(folder), "--out", str(out)]) == 2
    assert out.read_text() == "old\n"
    assert f"{file}, item1.bounding_box: " in capsys.readouterr().err
    assert not list(tmp_path.glob("*.partial"))


def test_bad_garments_are_left_out_on_request(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, 2, [10, 10, 500, 50])
    out = tmp_path / "labels.jsonl"
    assert main(["deepfashion2", str(folder), "--out", str(out), "--skip-bad"]) == 0
    assert len(list(read_labels(out))) == 2
    assert "1 left out" in capsys.readouterr().out


def test_a_split_without_garments_is_an_error(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2, 3):
        write(folder, number, [10, 10, 500, 50])
    out = tmp_path / "labels.jsonl"
    assert main(["deepfashion2", str(folder), "--out", str(out), "--skip-bad"]) == 2
    assert "no garment in the split train" in capsys.readouterr().err
    assert not out.exists()


def test_an_unknown_split_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["deepfashion2", str(folder), "--out", str(tmp_path / "labels.jsonl"), "--split", "query"])
    assert caught.value.code == 2
    assert "train, validation" in capsys.readouterr().err


def test_an_empty_folder_is_refused_by_every_reader(tmp_path: Path) -> None:
    for name in READERS:
        assert main([name, str(tmp_path), "--out", str(tmp_path / "labels.jsonl")]) == 2


def test_bad_datasets_are_errors_of_the_caller() -> None:
    error = BadDataset(Path("list.txt"), 3, "a row has 3 columns, not 2")
    assert str(error) == "list.txt, line 3: a row has 3 columns, not 2"
    assert str(Location(Path("a.json"), "item1").bad("odd")) == "a.json, item1: odd"
    assert isinstance(error, SeamlineError)
    assert wire_code(error) == "INVALID_ARG"


def test_labels_without_a_product_are_written_as_before() -> None:
    label = Label("a.jpg", 1, 2, (0, 0, 1, 2), "skirt", {}, "drawn")
    assert "item" not in json.loads(label.to_line())
    assert Label.from_line(label.to_line()).item is None
