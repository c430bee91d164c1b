"""A plan and the note beside it: what runs where, and what to do about a plan that does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from seamline.exporting import ExportError
from seamline.exporting.tensorrt.plan import FILE, Note, digest, read, write

PLAN = b"engine"
NOTE = Note(
    plan=digest(PLAN), onnx=digest(b"network"), builder="TensorRT", version="10.9.0.34", target="SM89", gpu="NVIDIA L4",
    precision="fp16", profile="1,4,16", version_compatible=False, hardware="none",
)  # fmt: skip


def test_a_plan_comes_back_with_its_note(tmp_path: Path) -> None:
    assert read(write(tmp_path / "new", PLAN, NOTE)) == (PLAN, NOTE)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [FILE, f"{FILE}.json"]


def test_a_plan_runs_where_it_was_built() -> None:
    NOTE.check_readable("10.9.0.34", "SM89")


@pytest.mark.parametrize("version", ["10.9.1.0", "11.4.1.0", "10.8.0.1"])
def test_a_plan_of_another_version_says_to_build_again(version: str) -> None:
    with pytest.raises(ExportError, match=f"built by TensorRT 10.9.0.34 and this is {version}; build it again"):
        NOTE.check_readable(version, "SM89")


@pytest.mark.parametrize(
    ("version", "fits"), [("10.9.1.0", True), ("11.0.0.0", True), ("10.8.0.1", False), ("12.0", False)]
)
def test_a_version_compatible_plan_runs_on_later_versions(version: str, fits: bool) -> None:
    note = dataclasses.replace(NOTE, version_compatible=True)
    if fits:
        note.check_readable(version, "SM89")
    else:
        with pytest.raises(ExportError, match="build it again"):
            note.check_readable(version, "SM89")


@pytest.mark.parametrize(
    ("hardware", "target", "fits"),
    [
        ("none", "SM86", False),
        ("same-capability", "SM86", False),
        ("ampere-plus", "SM86", True),
        ("ampere-plus", "SM120", True),
        ("ampere-plus", "SM75", False),
    ],
)
def test_other_architectures_need_a_plan_that_was_built_for_them(hardware: str, target: str, fits: bool) -> None:
    note = dataclasses.replace(NOTE, hardware=hardware)
    if fits:
        note.check_readable(NOTE.version, target)
    else:
        with pytest.raises(ExportError, match=rf"built for SM89 \(NVIDIA L4\) and this GPU is {target}"):
            note.check_readable(NOTE.version, target)


def test_a_plan_that_was_exchanged_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, PLAN, NOTE)
    path.write_bytes(PLAN[:-1])
    with pytest.raises(ExportError, match=r"is not the file that model\.plan\.json describes"):
        read(path)


def test_a_plan_without_its_note_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, PLAN, NOTE)
    (tmp_path / "model.plan.json").unlink()
    with pytest.raises(ExportError, match="are not both there"):
        read(path)


@pytest.mark.parametrize("note", ["{", "{}", '{"plan": 1}', "[]"])
def test_a_note_that_is_none_is_an_error(tmp_path: Path, note: str) -> None:
    path = write(tmp_path, PLAN, NOTE)
    (tmp_path / "model.plan.json").write_text(note)
    with pytest.raises(ExportError, match=r"is no note of export/to_trt\.py"):
        read(path)


def test_a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match="cannot be written"):
        write(tmp_path / "file", PLAN, NOTE)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
