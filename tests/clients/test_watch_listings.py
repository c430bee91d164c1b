"""The example that screens new listings and prints CSV."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

from tests.support.photos import jpeg
from tests.support.scenes import Scene, SceneGarment, SceneHit
from tests.support.wire_server import WireServer

EXAMPLE = Path(__file__).parents[2] / "clients" / "examples" / "watch_listings.py"


def test_items_of_others_are_neither_formulas_nor_control_codes(tmp_path: Path) -> None:
    (tmp_path / "new.jpg").write_bytes(jpeg((300, 400), "steelblue"))
    items = ('=HYPERLINK("http://x")', "\x1b[2Jgone", "\t+1")
    scene = Scene((SceneGarment(hits=tuple(SceneHit(item) for item in items)),))
    with WireServer(scene) as server:
        ended = subprocess.run(
            [sys.executable, EXAMPLE, tmp_path, "--url", server.address],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    rows = list(csv.reader(io.StringIO(ended.stdout)))
    assert rows[0] == ["photo", "item", "copy_probability", "mirrored"]
    assert [row[1] for row in rows[1:]] == ["'" + items[0], r"\x1b[2Jgone", r"\t+1"]
    assert ended.stderr == ""
