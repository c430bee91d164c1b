"""What the demo says of drawn people is what the server answers."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seamline.client import Client
from tests.support.photos import jpeg
from tests.support.scenes import Scene, SceneGarment, SceneHit
from tests.support.wire_server import WireServer

FILE = Path(__file__).parents[2] / "clients" / "demo.py"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seamline_demo", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def people(folder: Path, *wearing: str) -> Path:
    """The manifest of people who wear copies of these."""
    rows: list[dict[str, Any]] = []
    for number, original in enumerate(wearing):
        (folder / f"person-{number}.jpg").write_bytes(jpeg((300, 400), "steelblue"))
        rows.append(
            {
                "file": f"person-{number}.jpg", "wears_copy_of": original, "changed_regions": ["collar"],
                "box": [100, 50, 200, 200],
            }
        )  # fmt: skip
    (folder / "people.json").write_text(json.dumps({"people": rows}))
    return folder / "people.json"


UPPER, LOWER = (0.32, 0.12, 0.68, 0.48), (0.36, 0.5, 0.64, 0.96)
"""Shares of the photo; what is worn was drawn where the upper one lies."""


def test_the_original_is_looked_for_among_the_hits_of_the_garment_that_was_drawn(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(
        (
            SceneGarment(box=LOWER, hits=(SceneHit("garment-0007.jpg"),)),
            SceneGarment(box=UPPER, hits=(SceneHit("garment-0001.jpg"), SceneHit("garment-0004.jpg"))),
        )
    )
    manifest = people(tmp_path, "garment-0007", "garment-0004")
    with WireServer(scene) as server, Client(server.address) as client:
        chosen = demo._worn(manifest, client)
    said = capsys.readouterr().out
    assert chosen == tmp_path / "person-1.jpg"
    assert "first for 0 of them, within five for 1, within twenty for 1" in said
    assert "person-1.jpg wears a copy of garment-0004 with collar redesigned;\nfound at place 2" in said


def test_people_in_whom_no_garment_is_seen_are_not_found(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with WireServer(Scene(())) as server, Client(server.address) as client:
        demo._worn(people(tmp_path, "garment-0007"), client)
    said = capsys.readouterr().out
    assert "first for 0 of them, within five for 0, within twenty for 0; 0 are called copies" in said
    assert "it is not found." in said
