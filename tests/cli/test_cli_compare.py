from __future__ import annotations

import json
from pathlib import Path

import pytest

from seamline.core.parts import Parts
from seamline.systems import DEFAULT, system_named
from seamline.systems.psnet.spec import MIRRORED
from tests.cli.conftest import Run
from tests.support.photos import jpeg
from tests.support.scenes import EIGHT, NOTHING, ONE, Scene, SceneGarment, vectors
from tests.support.wire_server import WireServer


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "original.jpg"
    path.write_bytes(jpeg((200, 200), "tomato"))
    return path


def test_a_mirrored_pair_is_shown_region_by_region(server: WireServer, run: Run, photo: Path, other: Path) -> None:
    server.show(photo.read_bytes(), Scene((SceneGarment(vectors(1)[list(MIRRORED)]),)))
    server.show(other.read_bytes(), Scene((SceneGarment(vectors(1)),)))
    result = run("compare", photo, other)
    assert result.exit_code == 0
    sleeve = next(line for line in result.stdout.splitlines() if line.startswith("left sleeve"))
    assert sleeve.split() == ["left", "sleeve", "right", "sleeve", "1.00", "0.80"]
    assert "partial score: 3.91; compared: mirrored" in result.stdout
    assert "kept: collar, chest, waist, left sleeve, right sleeve" in result.stdout


def test_regions_are_called_by_their_garments(server: WireServer, run: Run, photo: Path, other: Path) -> None:
    server.show(photo.read_bytes(), Scene((SceneGarment(category="trousers"),)))
    server.show(other.read_bytes(), Scene((SceneGarment(category="skirt"),)))
    shown = run("compare", photo, other).stdout
    assert "kept: waistband, hips, lower legs, left thigh, right thigh" in shown
    thigh = next(line for line in shown.splitlines() if line.startswith("left thigh"))
    assert thigh.split()[:4] == ["left", "thigh", "left", "side"]


def test_json_names_the_pair_and_its_reading(server: WireServer, run: Run, photo: Path, other: Path) -> None:
    data = json.loads(run("compare", photo, other, "--json").stdout)
    assert data["best"]["mirrored"] is False
    assert data["best"]["kept"] == [True] * 5
    assert data["files"] == [str(photo), str(other)]


def test_a_photo_without_a_garment_is_1_and_named(server: WireServer, run: Run, photo: Path, other: Path) -> None:
    server.show(other.read_bytes(), NOTHING)
    result = run("compare", photo, other)
    assert result.exit_code == 1
    assert str(other) in result.stderr
    assert str(photo) not in result.stderr
    assert json.loads(run("compare", photo, other, "--json").stdout)["best"] is None


def test_bad_input_is_2(server: WireServer, run: Run, photo: Path, other: Path) -> None:
    assert run("compare", photo).exit_code == 2
    assert run("compare", photo, other, "--ranking", "loudest").exit_code == 2
    assert run("compare", photo, other, "--box-b", "1,2").exit_code == 2
    assert run("compare", photo, other, "--weights", "collar=-1").exit_code == 2


def test_the_report_shows_both_photos(server: WireServer, run: Run, photo: Path, other: Path, tmp_path: Path) -> None:
    assert run("compare", photo, other, "--report", tmp_path / "page.html").exit_code == 0
    page = (tmp_path / "page.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2


@pytest.mark.parametrize(
    "parts", [ONE, system_named(DEFAULT).spec().parts, EIGHT], ids=["one part", "seven parts", "eight parts"]
)
def test_any_number_of_parts_is_compared(
    server: WireServer, run: Run, photo: Path, other: Path, tmp_path: Path, parts: Parts
) -> None:
    server.systems["psnet"] = parts
    server.scene = Scene((SceneGarment(vectors(1, parts=len(parts))),))
    result = run("compare", photo, other, "--system", "psnet", "--report", tmp_path / "page.html")
    assert result.exit_code == 0
    rows = [line for line in result.stdout.splitlines() if " 1.00 " in line]
    assert [row.split("  ")[0] for row in rows] == list(parts.labels_for(SceneGarment().category))
    assert "nan" not in (tmp_path / "page.html").read_text().lower().replace("nano", "")
