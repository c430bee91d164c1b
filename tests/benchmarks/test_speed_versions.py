"""The cost of a photo in two checkouts, here one and the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.speed.versions import Speed, main
from seamline.data.copies.originals import drawn

ROOT = Path(__file__).parents[2]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, sample in drawn(2, 0):
        Image.fromarray(sample.rgb).save(folder / f"{name}.jpg")
    return folder


def test_both_checkouts_answer_every_photo(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "speed.json"
    assert main([str(ROOT), str(photos), "--requests", "4", "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert len(figures["here"]) == len(figures["other"]) == 4
    assert min(figures["here"] + figures["other"]) > 0
    assert "4 photos, one thread each" in capsys.readouterr().out


def test_a_photo_that_cannot_be_read_ends_the_run_with_a_sentence(photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no photo")
    with pytest.raises(RuntimeError, match="could not embed the photo"):
        main([str(ROOT), str(photos), "--requests", "12"])


def test_the_ratio_is_this_checkout_over_the_other_one() -> None:
    assert Speed((2.0, 4.0, 6.0), (1.0, 2.0, 3.0)).ratio(50) == pytest.approx(2)
    assert np.isfinite(Speed((1.0,), (1.0,)).ratio(95))
