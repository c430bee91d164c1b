from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from seamline.local import LocalOptions
from seamline.local.folder import StateFolder, is_locked, take_lock

HOLDER = """
import sys, time
from pathlib import Path
from seamline.local.folder import take_lock
assert take_lock(Path(sys.argv[1])) is not None
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_is_held_until_its_holder_dies(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_locked(lock)
    assert not lock.exists()
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert is_locked(lock)
        assert take_lock(lock) is None
        holder.kill()
        holder.wait()
    assert not is_locked(lock)
    descriptor = take_lock(lock)
    assert descriptor is not None
    os.close(descriptor)


def test_a_lock_whose_file_was_removed_does_not_bind(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    first = take_lock(lock)
    lock.unlink()
    second = take_lock(lock)
    assert first is not None
    assert second is not None
    os.close(first)
    assert is_locked(lock)
    os.close(second)


def test_state_is_read_back_and_never_half(tmp_path: Path) -> None:
    folder = StateFolder.at(tmp_path)
    assert folder.read_state() == {}
    folder.write_state({"grpc": "127.0.0.1:1"})
    assert folder.read_state() == {"grpc": "127.0.0.1:1"}
    folder.server_json.write_text("{", encoding="utf-8")
    assert folder.read_state() == {}


def test_one_folder_has_one_prefix_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    prefix = StateFolder.at(tmp_path).shared_memory_prefix
    assert prefix == StateFolder.at(tmp_path / "link").shared_memory_prefix
    assert prefix != StateFolder.at(tmp_path / "other").shared_memory_prefix
    assert prefix.startswith("triton_")


def test_only_the_owner_may_read_a_new_folder(tmp_path: Path) -> None:
    folder = StateFolder.at(tmp_path / "new")
    folder.create()
    assert folder.home.stat().st_mode & 0o077 == 0


def test_the_home_and_the_repositories_follow_the_environment(tmp_path: Path, monkeypatch) -> None:
    for variable in ("SEAMLINE_HOME", "SEAMLINE_MODEL_REPOSITORY", "SEAMLINE_ENSEMBLES"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    options = LocalOptions()
    assert options.home == tmp_path / "SEAMLINE_HOME"
    assert options.model_repository == tmp_path / "SEAMLINE_MODEL_REPOSITORY"
    assert options.ensembles == tmp_path / "SEAMLINE_ENSEMBLES"


def test_options_survive_the_way_to_the_supervisor(tmp_path: Path) -> None:
    options = LocalOptions(home=tmp_path, grpc_port=0, owner_pid=7, start_timeout=1.5)
    assert LocalOptions.from_json(options.to_json()) == options
