from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest

from seamline.local import Endpoints, LocalOptions
from seamline.local.folder import StateFolder
from seamline.local.launch import TritonLaunch
from seamline.local.triton_wheel import TritonWheel, build_backends

ENDPOINTS = Endpoints("127.0.0.1:1", "unix:/folder/triton:2", "127.0.0.1:3", "http://127.0.0.1:4")


@pytest.fixture
def launch(small: LocalOptions) -> TritonLaunch:
    return TritonLaunch(small, ENDPOINTS, StateFolder.at(small.home))


def test_both_repositories_and_all_ensembles_are_served_where_no_network_reaches(launch: TritonLaunch) -> None:
    command = launch.command(TritonWheel.find())
    assert sum(word.startswith("--model-repository=") for word in command) == 2
    assert {"--load-model=embed", "--load-model=search", "--model-control-mode=explicit"} <= set(command)
    assert {"--grpc-address=unix:/folder/triton", "--grpc-port=2", "--allow-http=false"} <= set(command)
    assert {"--metrics-address=127.0.0.1", "--metrics-port=3"} <= set(command)
    assert "--exit-timeout-secs=8" in command


def test_the_stub_finds_this_interpreter_and_its_library_first(
    launch: TritonLaunch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/elsewhere")
    environment = launch.environment(TritonWheel.find())
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    libraries = environment["LD_LIBRARY_PATH"].split(os.pathsep)
    assert libraries[1:] == [sysconfig.get_config_var("LIBDIR"), "/elsewhere"]
    assert any(Path(libraries[0]).iterdir())
    assert environment["SEAMLINE_MILVUS_URI"] == "http://127.0.0.1:4"
    assert environment["CUDA_VISIBLE_DEVICES"] == ""


def test_a_backend_directory_holds_copies_and_is_made_anew(tmp_path: Path) -> None:
    for _ in range(2):
        build_backends(TritonWheel.find(), tmp_path)
    files = {str(path.relative_to(tmp_path)): path for path in tmp_path.rglob("*") if path.is_file()}
    assert set(files) == {
        "python/libtriton_python.so",
        "python/triton_python_backend_utils.py",
        "python/triton_python_backend_stub",
        "onnxruntime/model.py",
    }
    assert not any(path.is_symlink() for path in files.values())
    assert os.access(files["python/triton_python_backend_stub"], os.X_OK)
