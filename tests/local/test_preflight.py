from __future__ import annotations

import importlib.metadata
import resource
import sys
from pathlib import Path

import pytest

from seamline.local import (
    CannotRunHere,
    ConfigMismatch,
    LocalOptions,
    MissingRepository,
    MissingWeights,
    NoSharedMemory,
    WrongNumpy,
    WrongPlatform,
    WrongPython,
    preflight,
)
from seamline.local.repository import check_weights
from seamline.local.triton_wheel import TritonWheel


def test_this_environment_passes(small: LocalOptions) -> None:
    preflight.check(small)


@pytest.mark.parametrize(("system", "machine"), [("Linux", "aarch64"), ("Darwin", "arm64"), ("Windows", "AMD64")])
def test_other_machines_are_named_with_a_way_out(system: str, machine: str) -> None:
    with pytest.raises(WrongPlatform, match=f"{system} on {machine}.*SEAMLINE_URL"):
        preflight.check_platform(system, machine)


def test_numpy_2_is_refused_with_what_to_install() -> None:
    preflight.check_numpy("1.26.4")
    with pytest.raises(WrongNumpy, match=r"numpy 2\.3\.1 .*pip install 'numpy<2'"):
        preflight.check_numpy("2.3.1")


def test_a_python_without_a_stub_is_told_which_ones_have_one() -> None:
    assert TritonWheel.find().stub().is_file()
    with pytest.raises(WrongPython, match=r"no stub for Python 3\.7; .*3\.11, 3\.12, 3\.13"):
        TritonWheel.find().stub((3, 7))


def test_a_python_without_numpy_1_is_told_where_a_server_can_run() -> None:
    preflight.check_python(sys.version_info[:2])
    with pytest.raises(WrongPython, match=r"no build for Python 3\.13; .*3\.11 or 3\.12, .*SEAMLINE_URL"):
        preflight.check_python((3, 13))


def test_an_interpreter_that_the_stub_could_not_find_is_refused(tmp_path: Path) -> None:
    preflight.check_interpreter(Path(sys.executable))
    with pytest.raises(WrongPython, match="no `python3` beside"):
        preflight.check_interpreter(tmp_path / "python3.11")


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from seamline.local import MissingPackage

    monkeypatch.setattr(preflight, "_PACKAGES", ("numpy", "a-package-that-nobody-has"))
    assert importlib.metadata.version("numpy")
    with pytest.raises(MissingPackage, match=r"a-package-that-nobody-has .*pip install 'seamline\[local\]'"):
        preflight.check_packages()


def test_shared_memory_is_compared_with_what_is_free(tmp_path: Path) -> None:
    preflight.check_shared_memory(1, tmp_path)
    with pytest.raises(NoSharedMemory, match="--shm-size"):
        preflight.check_shared_memory(2**60, tmp_path)


def test_a_machine_without_shared_memory_is_told_to_mount_it(tmp_path: Path) -> None:
    with pytest.raises(NoSharedMemory, match=r"No such file or directory.*--shm-size=1g"):
        preflight.check_shared_memory(1, tmp_path / "shm")


def test_a_state_folder_that_runs_no_programs_is_refused(tmp_path: Path) -> None:
    preflight.check_runs_programs(tmp_path)
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    noexec = [Path(where) for _, where, _, how, *_ in mounts if "noexec" in how.split(",")]
    if not noexec:
        pytest.skip("no file system is mounted with noexec here")
    with pytest.raises(CannotRunHere, match="noexec"):
        preflight.check_runs_programs(noexec[0])


def test_surroundings_in_which_no_stub_starts_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    preflight.check_surroundings()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    with pytest.raises(CannotRunHere, match="may open 256 files"):
        preflight.check_surroundings()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRunHere, match="bash"):
        preflight.check_surroundings()


@pytest.mark.parametrize("content", [None, b""])
def test_weights_that_are_missing_or_empty_are_named(small: LocalOptions, content: bytes | None) -> None:
    file = small.model_repository / "double" / "1" / "model.onnx"
    check_weights(small.model_repository)
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(MissingWeights, match=r"double/1/model\.onnx .* git, .*`make weights PHOTOS=folder`"):
        check_weights(small.model_repository)


def test_every_version_needs_its_weights(small: LocalOptions) -> None:
    (small.model_repository / "double" / "2").mkdir()
    with pytest.raises(MissingWeights, match=r"double/2/model\.onnx"):
        check_weights(small.model_repository)


def test_a_misspelt_field_of_a_config_is_named(small: LocalOptions) -> None:
    config = small.model_repository / "double" / "config.pbtxt"
    config.write_text("max_batchsize: 4", encoding="utf-8")
    with pytest.raises(ConfigMismatch, match="max_batchsize"):
        check_weights(small.model_repository)


def test_a_folder_without_models_is_named_with_its_variable(small: LocalOptions, tmp_path: Path) -> None:
    preflight.check_repositories(small.model_repository, small.ensembles)
    with pytest.raises(MissingRepository, match="SEAMLINE_MODEL_REPOSITORY"):
        preflight.check_repositories(tmp_path / "nothing", small.ensembles)
    with pytest.raises(MissingRepository, match="SEAMLINE_ENSEMBLES"):
        preflight.check_repositories(small.model_repository, tmp_path)
