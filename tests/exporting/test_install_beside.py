"""A system beside the default one: made with its first version, gone with its last, whatever fails in between."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from export.install import main
from seamline.core.spec import CropSpec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install import install, installed, record, remove, repair, rollback, verify, versions
from seamline.local.beside import ensembles_beside, interrupted
from seamline.local.repository import check_versions
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT, SYSTEMS, system_named
from tests.exporting.test_install_faults import Failing
from tests.support.bundle_contract import assert_is_a_bundle
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY
from tests.support.small_weights import contents, onnx_bytes

NETWORKS = ("detector", "encoder", "region_head")


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SYSTEMS, "tiny", "tests.systems.tiny_system")
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped repository and ensembles, with links to the networks."""
    folder = tmp_path_factory.mktemp("shipped")
    ignore = shutil.ignore_patterns("__pycache__", "*.plan")
    shutil.copytree(MODEL_REPOSITORY, folder / "model_repository", ignore=ignore, copy_function=linked)
    shutil.copytree(ENSEMBLES, folder / "ensembles")
    return folder


def linked(source: str, target: str) -> None:
    """A copy, which for a large file that no test writes to is a link, where there can be one."""
    with contextlib.suppress(OSError):
        if source.endswith(".onnx"):
            os.link(source, target)
            return
    shutil.copy(source, target)


@pytest.fixture
def repository(shipped: Path, tmp_path: Path) -> Path:
    shutil.copytree(shipped, tmp_path / "bundle", copy_function=linked)
    return tmp_path / "bundle" / "model_repository"


def weights(folder: Path, value: float = 1.0) -> Path:
    """What an export of the tiny system writes; its network answers a constant."""
    spec = system_named("tiny").spec()
    row = np.zeros((1, 1, spec.parts.dimension), np.float32)
    row[..., 0] = value
    nodes = [
        helper.make_node("Cast", ["CROPS"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMin", ["number"], ["least"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Sub", ["least", "least"], ["zero"]),
        helper.make_node("Reshape", ["zero", "rows"], ["zeros"]),
        helper.make_node("Add", ["zeros", "row"], ["EMBEDDING"]),
    ]
    side = spec.crop.side
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("CROPS", TensorProto.UINT8, ["batch", side, side, 3])],
        [helper.make_tensor_value_info("EMBEDDING", TensorProto.FLOAT, ["batch", 1, spec.parts.dimension])],
        [numpy_helper.from_array(row, "row"), numpy_helper.from_array(np.array([-1, 1, 1], np.int64), "rows")],
    )  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(onnx_bytes(graph))
    (folder / "spec.json").write_text(spec.to_json())
    return folder


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_the_first_version_brings_steps_and_ensembles_and_touches_no_other_file(
    repository: Path, tmp_path: Path
) -> None:
    before = contents(repository.parent)
    done = install(weights(tmp_path / "weights"), repository)
    assert (done.version, done.previous) == (1, None)
    after = contents(repository.parent)
    folders = {"/".join(Path(name).parts[:2]) for name in changed(before, after)}
    assert folders == {
        *(f"model_repository/{name}" for name in ("tiny", "tiny_parts", "trim_tiny", "retrieve_tiny", "manifest.json")),
        "ensembles/embed_tiny", "ensembles/search_tiny",
    }  # fmt: skip
    assert_is_a_bundle(repository, repository.parent / "ensembles")
    for name in ("embed_tiny", "search_tiny"):
        assert "LANDMARKS" not in (repository.parent / "ensembles" / name / "config.pbtxt").read_text()
    assert Weights.of_repository(repository, "tiny").spec == done.spec
    assert done.spec.detector_fingerprint == versions(repository).versions[1].detector_fingerprint
    check_versions(repository)
    assert installed(repository) == [DEFAULT, "tiny"]


def test_versions_are_the_system_s_own(repository: Path, tmp_path: Path) -> None:
    first, second = (weights(tmp_path / name, value) for name, value in (("first", 1.0), ("second", -1.0)))
    assert [install(one, repository).version for one in (first, second)] == [1, 2]
    assert install(second, repository).changed is False
    done = rollback(repository, system="tiny")
    assert done is not None
    assert (done.version, done.restores) == (3, 1)
    assert sorted(versions(repository, "tiny").versions) == [2, 3]
    assert sorted(versions(repository).versions) == [1]
    check_versions(repository)
    assert verify(repository) == []
    assert record(repository, system="tiny") == 3
    assert sorted(versions(repository, "tiny").versions) == [2, 3]
    assert installed(repository) == [DEFAULT, "tiny"]
    (repository / "manifest.json").write_text("")
    assert record(repository) == 1
    assert installed(repository) == [DEFAULT, "tiny"]
    assert verify(repository) == []


def test_rolling_back_the_only_version_takes_the_system_away(repository: Path, tmp_path: Path) -> None:
    before = contents(repository.parent)
    install(weights(tmp_path / "weights"), repository)
    assert rollback(repository, system="tiny") is None
    assert contents(repository.parent) == before


def test_rolling_back_to_a_version_that_is_not_kept_leaves_the_system_in_place(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("first", 1.0), ("second", -1.0)):
        install(weights(tmp_path / name, value), repository, keep=1)
    before = contents(repository.parent)
    with pytest.raises(InstallRefused, match="no earlier version"):
        rollback(repository, system="tiny")
    assert main(["--rollback", "--system", "tiny", "--model-repository", str(repository)]) == 1
    assert "no earlier version" in capsys.readouterr().err
    assert contents(repository.parent) == before


@pytest.mark.parametrize("place", ["model_repository/trim_tiny", "ensembles/search_tiny"])
def test_a_folder_that_is_in_the_way_stays(repository: Path, tmp_path: Path, place: str) -> None:
    folder = repository.parent / place
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    before = contents(repository.parent)
    with pytest.raises(InstallRefused, match=rf"{place} is in the way of the system tiny; move it away"):
        install(weights(tmp_path / "weights"), repository)
    assert contents(repository.parent) == before


def test_the_default_system_stays(repository: Path) -> None:
    with pytest.raises(InstallRefused, match="cannot be removed"):
        remove(repository, DEFAULT)
    with pytest.raises(InstallRefused, match="no earlier version"):
        rollback(repository)


def test_what_is_not_there_is_said(repository: Path) -> None:
    for act in (remove, versions, lambda place, name: rollback(place, system=name)):
        with pytest.raises(InstallRefused, match=r"no system tiny|no earlier version"):
            act(repository, "tiny")
    with pytest.raises(InstallRefused, match="there is no system 'other'"):
        verify(repository, "other")


def test_weights_of_another_system_are_not_taken_for_the_default_one_s(repository: Path, tmp_path: Path) -> None:
    before = contents(repository.parent)
    with pytest.raises(InstallRefused, match="holds weights of the system tiny; install them with --system tiny"):
        install(weights(tmp_path / "weights"), repository, system=DEFAULT)
    assert contents(repository.parent) == before


def test_a_system_that_wants_other_crops_than_the_shared_step_cuts_is_refused(repository: Path, tmp_path: Path) -> None:
    folder, before = weights(tmp_path / "weights"), contents(repository.parent)
    spec = dataclasses.replace(system_named("tiny").spec(), crop=CropSpec(margin=0.3))
    (folder / "spec.json").write_text(spec.to_json())
    with pytest.raises(InstallRefused, match="train the system with the same numbers"):
        install(folder, repository)
    assert contents(repository.parent) == before


def test_the_default_system_keeps_the_crops_that_another_was_trained_with(repository: Path, tmp_path: Path) -> None:
    install(weights(tmp_path / "weights"), repository)
    before, spec = contents(repository.parent), Weights.of_repository(repository).spec
    folder = tmp_path / "default"
    folder.mkdir()
    (folder / "spec.json").write_text(dataclasses.replace(spec, crop=CropSpec(margin=0.3)).to_json())
    with pytest.raises(InstallRefused, match="take it away first with --remove --system tiny"):
        install(folder, repository)
    assert contents(repository.parent) == before


def test_the_default_system_finds_no_more_garments_than_another_takes_at_once(repository: Path, tmp_path: Path) -> None:
    install(weights(tmp_path / "weights"), repository)
    spec, folder = Weights.of_repository(repository).spec, tmp_path / "default"
    for file in (*repository.glob("*/config.pbtxt"), *repository.glob("*/configs/*.pbtxt")):
        if not file.relative_to(repository).parts[0].startswith("tiny"):
            file.write_text(file.read_text().replace("max_batch_size: 16", "max_batch_size: 20"))
    folder.mkdir()
    detector = dataclasses.replace(spec.detector, max_garments=20)
    (folder / "spec.json").write_text(dataclasses.replace(spec, detector=detector).to_json())
    with pytest.raises(InstallRefused, match="tiny takes batches of at most 16"):
        install(folder, repository)


@pytest.mark.usefixtures("_unchecked")
def test_a_new_detector_says_whose_answers_name_the_old_one(light: Path, tmp_path: Path) -> None:
    install(weights(tmp_path / "weights"), light)
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / "detector.onnx").write_bytes(b"another one")
    done = install(tmp_path / "default", light)
    assert [note for note in done.notes if f"--system tiny --weights {light}" in note]
    again = install(light, light, system="tiny")
    assert again.spec.detector_fingerprint == done.spec.detector_fingerprint
    assert install(tmp_path / "default", light).notes == ()


def test_a_network_with_other_outputs_is_refused(repository: Path, tmp_path: Path) -> None:
    folder, before = weights(tmp_path / "weights"), contents(repository.parent)
    spec = json.loads((folder / "spec.json").read_text())
    spec["parts"]["dimension"] = 8
    (folder / "spec.json").write_text(json.dumps(spec))
    with pytest.raises(InstallRefused, match="EMBEDDING ends in"):
        install(folder, repository)
    (folder / "tiny.onnx").unlink()
    with pytest.raises(InstallRefused, match=r"tiny\.onnx does not exist"):
        install(folder, repository)
    assert contents(repository.parent) == before


def test_a_server_that_refuses_the_first_version_leaves_nothing_of_it(repository: Path, tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise InstallRefused("the server does not load it")

    before = contents(repository.parent)
    with pytest.raises(InstallRefused, match="does not load"):
        install(weights(tmp_path / "weights"), repository, after=refuse)
    assert contents(repository.parent) == before


@pytest.fixture
def light(repository: Path) -> Path:
    """Without what makes a copy slow; the checks need real networks, and changes are made without them."""
    for name in NETWORKS:
        file = repository / name / "1" / "model.onnx"
        file.unlink()
        file.write_bytes(b"")
    return repository


@pytest.fixture
def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.exporting.install.opened.Opened.check", lambda *_: None)


@pytest.mark.usefixtures("_unchecked")
@pytest.mark.parametrize("lasting", [False, True])
def test_a_failing_operation_leaves_no_half_of_a_first_version(light: Path, tmp_path: Path, lasting: bool) -> None:
    """Every operation of installing and of removing fails in turn, once or for good as with a killed process."""
    new, before = weights(tmp_path / "weights"), contents(light.parent)
    counted = Failing()
    install(new, light, files=counted)
    there = without_dates(contents(light.parent))
    for fatal in range(1, counted.done + 1):
        put_back(light.parent, before)
        with contextlib.suppress(OSError):
            install(new, light, files=Failing(fatal, lasting))
        repair(light)
        assert without_dates(contents(light.parent)) in (without_dates(before), there), fatal
    put_back(light.parent, before)
    install(new, light)
    full, counted = contents(light.parent), Failing()
    rollback(light, system="tiny", files=counted)
    reached = []
    for fatal in range(1, counted.done + 1):
        put_back(light.parent, full)
        with contextlib.suppress(OSError):
            rollback(light, system="tiny", files=Failing(fatal, lasting))
        repair(light)
        reached.append(contents(light.parent))
        assert reached[-1] in (before, full), fatal
    assert before in reached


@pytest.mark.usefixtures("_unchecked")
def test_leftovers_of_a_first_installation_are_noticed_and_go_with_the_next_change(light: Path, tmp_path: Path) -> None:
    new, before = weights(tmp_path / "weights"), contents(light.parent)
    with pytest.raises(OSError, match="No space left"):
        install(new, light, files=Failing(25, lasting=True))
    assert (light / "tiny").is_dir()
    assert interrupted(light) == "tiny"
    check_versions(light)
    assert ensembles_beside(light) == {"embed_tiny", "search_tiny"}
    assert main(["--repair", "--model-repository", str(light)]) == 0
    assert contents(light.parent) == before
    with pytest.raises(OSError, match="No space left"):
        install(new, light, files=Failing(25, lasting=True))
    assert install(new, light).version == 1


def put_back(folder: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold exactly these files; empty folders go, save the ensembles' version."""
    for name in contents(folder).keys() - files.keys():
        (folder / name).unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and (path.name == "__pycache__" or (not any(path.iterdir()) and "tiny" in str(path))):
            shutil.rmtree(path)
    found = contents(folder)
    for name, data in files.items():
        if found.get(name) != data:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


def without_dates(files: dict[str, bytes]) -> dict[str, bytes]:
    manifest = json.loads(files["model_repository/manifest.json"])
    for history in manifest["systems"].values():
        for version in history["versions"].values():
            version["installed"] = ""
    return {**files, "model_repository/manifest.json": json.dumps(manifest).encode()}
