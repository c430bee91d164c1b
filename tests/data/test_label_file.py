"""Label files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seamline.data.label_file import Label, read_labels, write_labels


def label(photo: str = "flatlay/train/t-shirt/a.jpg", trust: float = 0.9) -> Label:
    points = {"neck_left": (10.5, 20.25), "cuff_left_outer": None}
    return Label(
        photo, 300, 400, (1.0, 2.0, 3.0, 4.0), "vest", points, "silhouette", "masks/a.png", trust, 1.0, ("armpit_left",)
    )


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    write_labels(file, [label(), label("b.jpg")])
    assert list(read_labels(file)) == [label(), label("b.jpg")]


def test_labels_below_a_trust_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    write_labels(file, [label(trust=0.2), label(trust=0.7)])
    assert [found.trust for found in read_labels(file, least_trust=0.5)] == [0.7]


def test_a_line_cut_short_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(label().to_line() + "\n" + label().to_line()[:40])
    assert len(list(read_labels(file))) == 1


def test_a_line_without_the_optional_fields_is_fully_trusted() -> None:
    line = {"photo": "a.png", "width": 3, "height": 4, "box": [0, 0, 3, 4], "category": "skirt", "points": {}}
    found = Label.from_line(json.dumps(line | {"source": "drawn"}))
    assert (found.trust, found.box_trust, found.unsure, found.mask) == (1.0, 1.0, (), None)


def test_a_line_that_is_no_label_is_refused() -> None:
    with pytest.raises(KeyError):
        Label.from_line("{}")
    with pytest.raises(ValueError, match="Expecting"):
        Label.from_line("not json")
