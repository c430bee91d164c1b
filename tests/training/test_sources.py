"""Where labels are read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from seamline.data.label_file import write_labels
from seamline.training.crops import CropStore
from seamline.training.errors import BadConfig
from seamline.training.sources import Sources


def test_validation_labels_are_read_under_their_former_name_too(store: CropStore, tmp_path: Path) -> None:
    sources = Sources(tmp_path, tmp_path, tmp_path / "work")
    write_labels(tmp_path / "labels.jsonl", store.labels)
    with pytest.raises(BadConfig, match=r"there is no labels_validation\.jsonl in "):
        sources.validation()
    write_labels(tmp_path / "labels_develop.jsonl", store.labels[:1])
    assert [label.photo for label in sources.validation()] == [store.labels[0].photo]
    before = sources.digest()
    (tmp_path / "labels_develop.jsonl").rename(tmp_path / "labels_validation.jsonl")
    assert sources.digest() == before
    write_labels(tmp_path / "labels_develop.jsonl", store.labels[1:3])
    assert len(sources.validation()) == 1
