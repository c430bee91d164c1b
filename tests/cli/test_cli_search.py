from __future__ import annotations

import json
from pathlib import Path

import grpc
import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.support.scenes import EIGHT, NOTHING, ONE, Scene, SceneGarment, SceneHit, vectors
from tests.support.wire_server import WireServer

HITS = (SceneHit("shop/1"), SceneHit("shop/2", 2.5, mirrored=True))


def test_a_table_shows_items_scores_and_changed_regions(server: WireServer, run: Run, photo: Path) -> None:
    server.scene = Scene((SceneGarment(hits=HITS),))
    result = run("search", photo)
    assert result.exit_code == 0
    assert result.stderr == ""
    first = next(line for line in result.stdout.splitlines() if "shop/1" in line)
    assert first.split() == ["1", "shop/1", "a.jpg", "4.20", "93%", "0.95", "0.90", "0.42*", "0.91", "-"]
    assert "garment 1: short sleeve top at 30, 40, 270, 360 (2 hits)" in result.stdout
    assert "* changed" in result.stdout


def test_columns_are_called_by_the_querys_garment(server: WireServer, run: Run, photo: Path) -> None:
    server.scene = Scene((SceneGarment(hits=HITS[:1], category="trousers"),))
    shown = run("search", photo).stdout
    assert "waistband" in shown
    assert "collar" not in shown


def test_a_photo_that_its_item_names_already_is_not_repeated(server: WireServer, run: Run, photo: Path) -> None:
    server.scene = Scene((SceneGarment(hits=(SceneHit("tops/a.jpg", photo="/catalogue/tops/a.jpg"),)),))
    shown = run("search", photo).stdout
    assert shown.count("a.jpg") == 1
    assert "photo" not in shown


def test_piped_output_has_no_control_characters_and_no_folded_lines(server: WireServer, run: Run, photo: Path) -> None:
    evil = SceneHit("\x1b[31mred\x1b[0m\r\n" + "long" * 40, photo="a\x07b\u202e.jpg")
    server.scene = Scene((SceneGarment(hits=(evil,)),))
    result = run("search", photo)
    assert all(character.isprintable() or character == "\n" for character in result.stdout)
    assert "\\x1b[31mred" in result.stdout
    assert "long" * 40 in result.stdout


def test_rich_markup_in_names_is_text(server: WireServer, run: Run, photo: Path) -> None:
    server.scene = Scene((SceneGarment(hits=(SceneHit("[red]x[/red]"), SceneHit("[/]")), category="skirt[/]"),))
    result = run("search", photo)
    assert result.exit_code == 0
    assert "[red]x[/red]" in result.stdout


def test_json_is_the_only_thing_on_stdout(server: WireServer, run: Run, photo: Path, tmp_path: Path) -> None:
    server.scene = Scene((SceneGarment(hits=HITS),))
    result = run("search", photo, "--json", "--report", tmp_path / "page.html")
    data = json.loads(result.stdout, parse_constant=pytest.fail)
    hit = data["garments"][0]["hits"][1]
    assert hit["item"] == "shop/2"
    assert hit["mirrored"] is True
    assert hit["part_kept"] == [True, True, False, True, None]
    assert data["versions"]["index"]["alias"] == "catalogue"
    assert "evidence page" in result.stderr


def test_landmarks_come_from_a_file_as_they_were_printed(
    server: WireServer, run: Run, photo: Path, tmp_path: Path
) -> None:
    server.scene = Scene((SceneGarment(hits=HITS), SceneGarment()))
    printed = json.loads(run("search", photo, "--json").stdout)
    (tmp_path / "points.json").write_text(json.dumps([garment["landmarks"] for garment in printed["garments"]]))
    assert run("search", photo, "--landmarks", tmp_path / "points.json").exit_code == 0
    assert server.calls[-1][1]["GIVEN_LANDMARKS"].tolist() == np.ones((2, 22, 3)).tolist()


@pytest.mark.parametrize("text", ["", "{}", "null", "1", "[[1", "\xff", "[" * 100_000, "[[[1, 2]]]", '["a"]'])
def test_a_file_that_holds_no_landmarks_is_bad_usage(
    server: WireServer, run: Run, photo: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "points.json").write_bytes(text.encode("latin-1"))
    result = run("search", photo, "--landmarks", tmp_path / "points.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert "landmarks" in result.stderr
    assert server.calls == []


def test_options_reach_the_server(server: WireServer, run: Run, photo: Path) -> None:
    words = (
        "--collection shoes --top-k 3 --weights collar=0.1,chest=0.4 --box 1,2,30,40 --category skirt --category vest"
    )
    run("search", photo, *words.split()[:-4], "--category", "skirt", "--category", "vest")
    sent = server.calls[-1][1]
    assert sent["COLLECTION"].tolist() == [b"shoes"]
    assert sent["TOP_K"].tolist() == [3]
    assert sent["PART_WEIGHTS"].tolist() == pytest.approx([0.1, 0.4, 0, 0, 0])
    assert sent["RANKING"].tolist() == [b"weighted"]
    assert sent["BOX"].tolist() == [1, 2, 30, 40]
    assert sent["CATEGORIES"].tolist() == [b"skirt", b"vest"]


@pytest.mark.parametrize(("scene", "said"), [(NOTHING, "no garment was found"), (Scene((SceneGarment(),)), "")])
def test_finding_nothing_is_1(server: WireServer, run: Run, photo: Path, scene: Scene, said: str) -> None:
    server.scene = scene
    result = run("search", photo)
    assert result.exit_code == 1
    assert said in result.stderr
    assert json.loads(run("search", photo, "--json").stdout)["photo"] == str(photo)


@pytest.mark.parametrize(
    "words",
    [
        ["--weights", "collar"],
        ["--weights", "colar=1"],
        ["--weights", "collar=much"],
        ["--box", "1,2,3"],
        ["--box", "a,b,c,d"],
        ["--top-k", "many"],
        ["--top-k", str(2**40)],
        ["--no-such-option"],
        ["--url", "nonsense"],
        ["--timeout", "0"],
        ["--timeout", "nan"],
    ],
)
def test_bad_usage_is_2(server: WireServer, run: Run, photo: Path, words: list[str]) -> None:
    result = run("search", photo, *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_photo_is_2(run: Run, tmp_path: Path) -> None:
    assert run("search", tmp_path / "none.jpg").exit_code == 2


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, 2),
        (grpc.StatusCode.NOT_FOUND, 3),
        (grpc.StatusCode.INTERNAL, 5),
        (grpc.StatusCode.UNIMPLEMENTED, 2),
    ],
)
def test_the_servers_errors_become_one_sentence_and_an_exit_code(
    server: WireServer, run: Run, photo: Path, code: grpc.StatusCode, exit_code: int
) -> None:
    server.failures.append((code, "in ensemble 'search', that cannot be answered"))
    result = run("search", photo)
    assert (result.exit_code, result.stdout, result.stderr) == (exit_code, "", "error: that cannot be answered\n")


def test_no_server_is_4(run: Run, photo: Path) -> None:
    result = run("search", photo)
    assert result.exit_code == 4
    assert result.stderr.startswith("error: no server is running here; start one with `seamline up`")
    result = run("search", photo, "--url", "127.0.0.1:9", "--timeout", "2")
    assert result.exit_code == 4
    assert "127.0.0.1:9" in result.stderr


def test_a_slow_server_is_4(server: WireServer, run: Run, photo: Path) -> None:
    server.delay = 1.0
    result = run("search", photo, "--timeout", "0.2")
    assert result.exit_code == 4
    assert "did not answer within 0.2 s" in result.stderr


def test_the_report_is_written_also_when_nothing_is_found(
    server: WireServer, run: Run, photo: Path, tmp_path: Path
) -> None:
    server.scene = NOTHING
    assert run("search", photo, "--report", tmp_path / "page.html").exit_code == 1
    assert "No garment was found" in (tmp_path / "page.html").read_text()


def test_a_report_that_cannot_be_written_is_2(server: WireServer, run: Run, photo: Path, tmp_path: Path) -> None:
    result = run("search", photo, "--report", tmp_path / "no such folder" / "page.html")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_many_parts_are_listed_instead_of_having_a_column_each(server: WireServer, run: Run, photo: Path) -> None:
    server.systems["psnet"] = EIGHT
    hit = SceneHit("shop/1", similarity=(0.95, 0.9, 0.42, 0.91, float("nan"), 0.1, 0.99, 0.98))
    server.scene = Scene((SceneGarment(vectors(1, parts=8), (hit,)),))
    result = run("search", photo, "--system", "psnet")
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if "shop/1" in line)
    kept = "attribute 6 0.99, attribute 7 0.98, attribute 0 0.95, attribute 3 0.91, attribute 1 0.90"
    assert f"{kept}  attribute 2 0.42, attribute 5 0.10" in row
    assert server.calls[-1][0] == "search_psnet"


def test_a_system_of_one_part_has_one_column(server: WireServer, run: Run, photo: Path) -> None:
    server.systems["psnet"] = ONE
    hit = SceneHit("shop/1", 0.91, (0.91,))
    server.scene = Scene((SceneGarment(vectors(1, parts=1), (hit,)),))
    result = run("search", photo, "--system", "psnet", "--weights", "whole=1")
    row = next(line for line in result.stdout.splitlines() if "shop/1" in line)
    assert row.split() == ["1", "shop/1", "a.jpg", "0.91", "93%", "0.91"]
    assert "whole" in result.stdout
    data = json.loads(run("search", photo, "--system", "psnet", "--json").stdout, parse_constant=pytest.fail)
    assert data["garments"][0]["hits"][0]["part_kept"] == [True]
    assert data["garments"][0]["part_boxes"] == [[None] * 4]


def test_an_unknown_system_is_2_and_one_that_is_not_served_is_3(server: WireServer, run: Run, photo: Path) -> None:
    unknown = run("search", photo, "--system", "psnett")
    assert unknown.exit_code == 2
    assert unknown.stderr == "error: there is no system 'psnett'; the systems are psnet_lite, psnet\n"
    elsewhere = run("search", photo, "--system", "psnet")
    assert elsewhere.exit_code == 3
    assert "install it there with export/install.py --system psnet" in elsewhere.stderr
