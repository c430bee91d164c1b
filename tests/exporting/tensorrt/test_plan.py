"""A plan and the metadata beside it: what runs where, and what to do about a plan that does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from seamline.exporting import ExportError
from seamline.exporting.tensorrt.plan import FILE, PlanMetadata, digest, read, write

PLAN = b"engine"
METADATA = PlanMetadata(
    plan=digest(PLAN), onnx=digest(b"network"), builder="TensorRT", version="10.9.0.34", target="SM89", gpu="NVIDIA L4",
    precision="fp16", profile="1,4,16", version_compatible=False, hardware="none",
)  # fmt: skip


def test_a_plan_comes_back_with_its_note(tmp_path: Path) -> None:
    assert read(write(tmp_path / "new", PLAN, METADATA)) == (PLAN, METADATA)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [FILE, f"{FILE}.json"]


def test_a_plan_runs_where_it_was_built() -> None:
    METADATA.check_readable("10.9.0.34", "SM89")


@pytest.mark.parametrize("version", ["10.9.1.0", "11.4.1.0", "10.8.0.1"])
def test_a_plan_of_another_version_says_to_build_again(version: str) -> None:
    with pytest.raises(ExportError, match=f"built by TensorRT 10.9.0.34 and this is {version}; build it again"):
        METADATA.check_readable(version, "SM89")


@pytest.mark.parametrize(
    ("version", "fits"), [("10.9.1.0", True), ("11.0.0.0", True), ("10.8.0.1", False), ("12.0", False)]
)
def test_a_version_compatible_plan_runs_on_later_versions(version: str, fits: bool) -> None:
    metadata = dataclasses.replace(METADATA, version_compatible=True)
    if fits:
        metadata.check_readable(version, "SM89")
    else:
        with pytest.raises(ExportError, match="build it again"):
            metadata.check_readable(version, "SM89")


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
    metadata = dataclasses.replace(METADATA, hardware=hardware)
    if fits:
        metadata.check_readable(METADATA.version, target)
    else:
        with pytest.raises(ExportError, match=rf"built for SM89 \(NVIDIA L4\) and this GPU is {target}"):
            metadata.check_readable(METADATA.version, target)


def test_a_plan_that_was_exchanged_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, PLAN, METADATA)
    path.write_bytes(PLAN[:-1])
    with pytest.raises(ExportError, match=r"is not the file that model\.plan\.json describes"):
        read(path)


def test_a_plan_without_its_note_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, PLAN, METADATA)
    (tmp_path / "model.plan.json").unlink()
    with pytest.raises(ExportError, match="are not both there"):
        read(path)


@pytest.mark.parametrize("metadata", ["{", "{}", '{"plan": 1}', "[]"])
def test_a_note_that_is_none_is_an_error(tmp_path: Path, metadata: str) -> None:
    path = write(tmp_path, PLAN, METADATA)
    (tmp_path / "model.plan.json").write_text(metadata)
    with pytest.raises(ExportError, match=r"holds no metadata of export/to_trt\.py"):
        read(path)


def test_a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match="cannot be written"):
        write(tmp_path / "file", PLAN, METADATA)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
