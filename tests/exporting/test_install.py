"""Installing weights: what fits goes in whole as a new version, and the previous one can be put back."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from export.install import main
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install import install, record, rollback, verify, versions
from seamline.exporting.install.transaction import locked
from seamline.systems import DEFAULT
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from tests.support.small_weights import (
    NETWORKS,
    PYTHON,
    SMALL,
    STEPS,
    contents,
    in_format_1,
    network,
    write_repository,
    write_weights,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write_repository(tmp_path)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "weights")


@pytest.fixture
def others(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "others", marker=1.0)


def test_networks_code_and_the_same_spec_reach_every_step(weights: Path, repository: Path) -> None:
    installed = install(weights, repository)
    number = installed.version
    assert {(repository / step / f"{number}/spec.json").read_text() for step in STEPS} == {installed.spec.to_json()}
    for name in NETWORKS:
        assert (repository / f"{name}/{number}/model.onnx").read_bytes() == (weights / f"{name}.onnx").read_bytes()
    for name in PYTHON:
        assert (repository / f"{name}/{number}/model.py").is_file()
    assert installed.spec.fingerprint != DEFAULT_SPEC.fingerprint
    assert installed.spec.detector_fingerprint != DEFAULT_SPEC.fingerprint
    assert verify(repository) == []


def test_each_set_is_a_version_and_the_oldest_go(weights: Path, others: Path, repository: Path, tmp_path: Path) -> None:
    numbers = [install(weights, repository).version, install(others, repository).version]
    third = install(write_weights(tmp_path / "third", marker=2.0), repository)
    assert (numbers, third.version, third.previous) == ([2, 3], 4, 3)
    assert sorted(versions(repository).versions) == [3, 4]
    assert {tuple(sorted(p.name for p in (repository / step).glob("[0-9]*")))[-2:] for step in STEPS} == {("3", "4")}
    assert sorted(path.name for path in (repository / "encoder").glob("[0-9]*")) == ["3", "4"]


@pytest.mark.parametrize(("keep", "kept"), [(1, [4]), (3, [2, 3, 4])])
def test_keep_says_how_many_versions_stay(
    weights: Path, others: Path, repository: Path, tmp_path: Path, keep: int, kept: list[int]
) -> None:
    for folder in (weights, others, write_weights(tmp_path / "third", marker=2.0)):
        install(folder, repository, keep=keep)
    assert sorted(versions(repository).versions) == kept
    assert verify(repository) == []


def test_the_same_set_again_makes_no_new_version(weights: Path, others: Path, repository: Path) -> None:
    install(weights, repository)
    install(others, repository)
    before = contents(repository)
    again = install(others, repository)
    assert (again.version, again.changed) == (3, False)
    assert contents(repository) == before


def test_rollback_serves_the_files_of_the_version_before(weights: Path, others: Path, repository: Path) -> None:
    first = install(weights, repository)
    install(others, repository)
    back = rollback(repository)
    assert (back.version, back.restores, back.spec.fingerprint) == (4, 2, first.spec.fingerprint)
    assert (repository / "encoder/4/model.onnx").read_bytes() == (weights / "encoder.onnx").read_bytes()
    assert versions(repository).versions[4].restores == 2
    assert verify(repository) == []
    assert rollback(repository).restores == 3, "a second rollback undoes the first"


def test_rollback_without_an_earlier_version_is_refused(weights: Path, repository: Path) -> None:
    with pytest.raises(InstallRefused, match="keeps no earlier version"):
        rollback(repository)
    install(weights, repository)
    with pytest.raises(InstallRefused, match="keeps no earlier version"):
        rollback(repository)


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_rollback_to_damaged_files_is_refused_and_names_the_file(
    weights: Path, others: Path, repository: Path, damage: str
) -> None:
    install(weights, repository)
    install(others, repository)
    file = repository / "region_head/2/model.onnx"
    file.unlink() if damage == "missing" else file.write_bytes(network("region_head", marker=9.0))
    before = contents(repository)
    with pytest.raises(InstallRefused, match=f"version 2 cannot be put back: region_head/2/model.onnx .*{damage}"):
        rollback(repository)
    assert contents(repository) == before


def test_rollback_to_networks_that_do_not_fit_the_configuration_of_today_is_refused(
    weights: Path, others: Path, repository: Path
) -> None:
    install(weights, repository)
    install(others, repository)
    config = repository / "encoder" / "config.pbtxt"
    config.write_text(config.read_text().replace("FEATURES", "MAP"))
    with pytest.raises(InstallRefused, match="MAP"):
        rollback(repository)


def test_the_fingerprint_follows_networks_and_numbers_that_determine_vectors(weights: Path, repository: Path) -> None:
    first = install(weights, repository).spec
    (weights / "detector.onnx").write_bytes(network("detector", marker=1.0))
    second = install(weights, repository).spec
    assert second.fingerprint == first.fingerprint
    assert second.detector_fingerprint != first.detector_fingerprint
    (weights / "region_head.onnx").write_bytes(network("region_head", marker=1.0))
    third = install(weights, repository).spec
    assert third.fingerprint != second.fingerprint
    wider = dataclasses.replace(SMALL, crop=dataclasses.replace(SMALL.crop, margin=0.2))
    (weights / "spec.json").write_text(wider.to_json())
    assert install(weights, repository).spec.fingerprint != third.fingerprint


def test_calibration_alone_leaves_the_fingerprint_and_is_a_version(weights: Path, repository: Path) -> None:
    first = install(weights, repository)
    scoring = dataclasses.replace(SMALL.scoring, copy_slope=3.0)
    (weights / "spec.json").write_text(dataclasses.replace(SMALL, scoring=scoring).to_json())
    second = install(weights, repository)
    assert second.spec.fingerprint == first.spec.fingerprint
    assert (second.spec.scoring.copy_slope, second.version) == (3.0, first.version + 1)


def test_one_network_alone_keeps_the_others_and_the_spec(weights: Path, repository: Path, tmp_path: Path) -> None:
    first = install(weights, repository)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "detector.onnx").write_bytes(network("detector", marker=2.0))
    second = install(alone, repository)
    assert (repository / "encoder/3/model.onnx").read_bytes() == (weights / "encoder.onnx").read_bytes()
    assert (repository / "detector/3/model.onnx").read_bytes() == (alone / "detector.onnx").read_bytes()
    assert second.spec.fingerprint == first.spec.fingerprint


def test_a_plan_goes_with_its_network_and_is_left_out_when_the_network_changes(
    weights: Path, repository: Path, tmp_path: Path
) -> None:
    (weights / "encoder.plan").write_bytes(b"a plan")
    (weights / "encoder.plan.json").write_bytes(b"{}")
    assert install(weights, repository).notes == ()
    assert (repository / "encoder/2/model.plan").read_bytes() == b"a plan"
    head = write_weights(tmp_path / "head", marker=1.0, parts=["region_head"])
    assert install(head, repository).notes == ()
    assert (repository / "encoder/3/model.plan").read_bytes() == b"a plan"
    assert (repository / "encoder/3/model.plan.json").is_file()
    other = install(write_weights(tmp_path / "encoder", marker=1.0, parts=["encoder"]), repository)
    assert not list((repository / "encoder/4").glob("*.plan*"))
    assert len(other.notes) == 1
    assert "encoder/model.plan was made from the network that is replaced" in other.notes[0]


def test_a_repository_without_a_manifest_is_taken_as_it_is(weights: Path, others: Path, repository: Path) -> None:
    install(weights, repository)
    (repository / "manifest.json").unlink()
    assert install(others, repository).previous == 2
    assert sorted(versions(repository).versions) == [2, 3]
    assert rollback(repository).restores == 2


def test_record_names_the_files_as_they_lie_and_keeps_what_is_still_true(
    weights: Path, others: Path, repository: Path
) -> None:
    install(weights, repository)
    install(others, repository)
    (repository / "encoder/3/model.plan").write_bytes(b"a plan")
    assert verify(repository) == ["encoder/3/model.plan is not in the manifest"]
    assert record(repository) == 3
    assert verify(repository) == []
    (repository / "detector/2/model.onnx").write_bytes(b"changed")
    assert record(repository) == 3
    assert sorted(versions(repository).versions) == [3]


@pytest.mark.parametrize("text", ["", None])
def test_record_replaces_a_damaged_or_missing_manifest(weights: Path, repository: Path, text: str | None) -> None:
    install(weights, repository)
    manifest = repository / "manifest.json"
    manifest.unlink() if text is None else manifest.write_text(text)
    assert record(repository) == 2
    assert verify(repository) == []


def test_verify_names_what_is_missing_changed_or_strange(weights: Path, repository: Path) -> None:
    install(weights, repository)
    (repository / "encoder/2/model.onnx").unlink()
    (repository / "trim/2/spec.json").write_text("{}")
    (repository / "crop/2/more.py").write_text("")
    shutil.copytree(repository / "crop/2", repository / "crop/7")
    found = "\n".join(verify(repository))
    assert "encoder/2/model.onnx is missing" in found
    assert "trim/2/spec.json has been changed: 2 bytes" in found
    assert "crop/2/more.py is not in the manifest" in found
    assert "crop/7 is newer than version 2" in found


def test_a_version_that_nobody_installed_is_not_overtaken(weights: Path, others: Path, repository: Path) -> None:
    install(weights, repository)
    shutil.copytree(repository / "crop/2", repository / "crop/7")
    with pytest.raises(InstallRefused, match=r"crop/7 is newer than version 2.*remove it"):
        install(others, repository)


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', '{"format": 99}', "[]"])
def test_a_damaged_manifest_is_named(weights: Path, repository: Path, text: str) -> None:
    install(weights, repository)
    (repository / "manifest.json").write_text(text)
    with pytest.raises(InstallRefused, match=r"manifest\.json"):
        verify(repository)


def test_two_installations_at_once_are_refused(weights: Path, repository: Path) -> None:
    with locked(repository), pytest.raises(InstallRefused, match="another installation"):
        install(weights, repository)
    assert install(weights, repository).version == 2


def test_an_empty_folder_and_a_stranger_repository_are_refused(weights: Path, repository: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InstallRefused, match="neither a network nor"):
        install(empty, repository)
    for stranger in (empty, tmp_path / "nowhere"):
        with pytest.raises(InstallRefused, match="not a model repository"):
            install(weights, stranger)


def test_a_network_that_neither_side_has_is_named(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(InstallRefused, match=r"detector\.onnx does not exist.*detector of the repository has no model"):
        install(write_weights(tmp_path / "some", parts=["encoder", "region_head"]), repository)


def command(repository: Path, *arguments: str | Path) -> int:
    return main([*map(str, arguments), "--model-repository", str(repository)])


def test_the_command_installs_lists_verifies_and_rolls_back(
    weights: Path, others: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(repository, "--weights", weights) == 0
    assert command(repository, "--weights", others, "--keep", "2") == 0
    assert command(repository, "--weights", others) == 0
    assert "version 3 already holds this set" in capsys.readouterr().out
    assert command(repository, "--rollback") == 0
    assert "version 4 (the files of version 2)" in capsys.readouterr().out
    assert command(repository, "--list") == 0
    told = capsys.readouterr().out.splitlines()
    assert [line[:3] for line in told] == ["psn", "  3", "* 4"]
    assert command(repository, "--verify") == 0
    (repository / "crop/4/spec.json").unlink()
    assert command(repository, "--verify") == 1
    assert "crop/4/spec.json is missing" in capsys.readouterr().err
    assert command(repository, "--record") == 1, "version 3 alone is whole, and a newer one is there"
    assert command(repository, "--repair") == 0


def test_the_command_says_in_one_line_why_it_refused(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(repository, "--weights", tmp_path / "none") == 1
    told = capsys.readouterr().err
    assert told.startswith("nothing was changed: ")
    assert told.count("\n") == 1


def test_weights_are_installed_where_there_is_no_torch() -> None:
    program = "import sys, export.install; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize(
    "arguments",
    [[], ["--verify", "--rollback"], ["--verify", "--reload", "127.0.0.1:1"], ["--rollback", "--keep", "0"]],
)
def test_a_wrong_command_line_ends_with_2(repository: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        command(repository, *arguments)
    assert ending.value.code == 2


def test_weights_of_an_older_repository_come_into_this_one(others: Path, repository: Path, tmp_path: Path) -> None:
    older = write_repository(tmp_path / "older")
    first = install(others, older).spec
    for path in older.glob("crop/*/model.py"):
        path.write_text("from seamline.steps.crop import Crop\n")
    for act in (lambda: install(others, older), lambda: record(older)):
        with pytest.raises(InstallRefused, match=rf"of an older seamline: .*--weights {older}"):
            act()
    assert any("of an older seamline" in problem for problem in verify(older))
    done = install(older, repository)
    assert (done.spec.fingerprint, done.spec.system) == (first.fingerprint, DEFAULT)
    assert done.spec.parts.labels_for("trousers")[0] == "waistband"
    assert (repository / "encoder" / str(done.version) / "model.onnx").read_bytes() == network("encoder", 1.0)


def test_weights_from_before_garments_had_whole_parts_are_refused(
    others: Path, repository: Path, tmp_path: Path
) -> None:
    older = write_repository(tmp_path / "older")
    install(others, older)
    for path in older.glob("*/*/spec.json"):
        path.write_text(json.dumps(in_format_1(DEFAULT_SPEC)))
    before = contents(repository)
    with pytest.raises(InstallRefused, match=r"not that of psnet_lite \('grid'\); .* the weights that come with this"):
        install(older, repository)
    assert contents(repository) == before


def test_a_manifest_of_format_1_is_the_default_system_s_and_becomes_format_2(weights: Path, repository: Path) -> None:
    install(weights, repository)
    file = repository / "manifest.json"
    data = json.loads(file.read_text())["systems"][DEFAULT]
    file.write_text(json.dumps({"format": 1, **data}))
    assert verify(repository) == []
    assert record(repository) == 2
    assert json.loads(file.read_text())["format"] == 2
