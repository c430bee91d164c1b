"""Which version of a model repository is measured: the newest, and never parts of two."""

from __future__ import annotations

from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.serving.weights import Weights
from seamline.systems.psnet.region_rules import DEFAULT_SPEC


def write_version(repository: Path, number: int, *steps: str) -> None:
    for step in steps:
        folder = repository / step / str(number)
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"a network")
        (folder / "spec.json").write_text(DEFAULT_SPEC.to_json())


ALL = ("detector", "encoder", "region_head", "region_pool")


def test_the_newest_version_by_number_is_measured(tmp_path: Path) -> None:
    for number in (2, 9, 10):
        write_version(tmp_path, number, *ALL)
    weights = Weights.of_repository(tmp_path)
    assert {file.parent.name for file in weights.files.values()} == {"10"}


def test_half_an_installation_is_refused(tmp_path: Path) -> None:
    write_version(tmp_path, 1, *ALL)
    write_version(tmp_path, 2, "encoder")
    with pytest.raises(BadOption, match="half installed"):
        Weights.of_repository(tmp_path)
