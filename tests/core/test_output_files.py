from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.core.output_files import check_output, open_through, output_file, write_text


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_link_is_followed_and_the_mode_is_kept(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    target, link = tmp_path / "own" / "page.html", tmp_path / "link.html"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_text(link, "né\udcff")
    assert link.is_symlink()
    assert target.read_bytes() == "né".encode() + rb"\udcff"
    assert mode(target) == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["link.html", "own", "page.html"]


def test_a_link_to_nothing_yet_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "target").read_text() == "new"


def test_a_new_file_has_the_mode_of_the_process(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / ("x" * 255), "new")
    finally:
        os.umask(before)
    assert mode(tmp_path / ("x" * 255)) == 0o640


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def half() -> None:
        with output_file(tmp_path / "a") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_an_error_of_another_file_is_not_taken_for_one_of_the_output(tmp_path: Path) -> None:
    def reading() -> None:
        with output_file(tmp_path / "out") as file:
            file.write((tmp_path / "missing").read_bytes())

    with pytest.raises(FileNotFoundError):
        reading()
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()
    write_text(fifo, "words")
    reader.join(10)
    assert read == ["words"]
    assert fifo.is_fifo()


def test_devices_stay_devices() -> None:
    write_text(Path("/dev/null"), "words")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(BadOption, match="/dev/full cannot be written: No space left on device"):
        write_text(Path("/dev/full"), "words")


def test_standard_output_by_name_goes_on_where_it_stands(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from seamline.core.output_files import write_text;"
        "print('before'); write_text(Path('/dev/stdout'), 'one ');"
        "write_text(Path('/dev/fd/1'), 'two '); print('after')"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True, timeout=60)
    assert (tmp_path / "out").read_text().split() == ["before", "one", "two", "after"]


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, reason in (
        (tmp_path, "is a folder; name a file"),
        (tmp_path / "none" / "a", f"there is no folder {tmp_path / 'none'}"),
        (tmp_path / "file" / "a", "Not a directory"),
        (tmp_path / ("x" * 256), "File name too long"),
        (tmp_path / "a\0b", "its name cannot be a file's"),
        (Path("/proc/none"), "cannot be written"),
    ):
        with pytest.raises(BadOption, match=reason):
            write_text(path, "words")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(BadOption, match="folder"):
        check_output(tmp_path)
    with pytest.raises(BadOption):
        open_through(tmp_path)


_AS_ANOTHER = """
import os, sys
from pathlib import Path
import seamline.core.output_files as files
os.setgroups([]); os.setgid(54321); os.setuid(54321)
for name in sys.argv[1:]:
    try:
        files.write_text(Path(name), "new")
        print("written")
    except files.BadOption as error:
        print(error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that every user may look into; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_permissions_are_those_of_the_file_and_of_its_folder(open_folder: Path) -> None:
    only_file, read_only = open_folder / "only_file", open_folder / "read_only"
    for file, bits in ((only_file, 0o666), (read_only, 0o444)):
        file.write_text("old and longer")
        file.chmod(bits)
    paths = [str(path) for path in (only_file, read_only, open_folder / "new")]
    ended = subprocess.run(
        [sys.executable, "-c", _AS_ANOTHER, *paths], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.splitlines() == [
        "written",
        *(f"{path} cannot be written: Permission denied" for path in paths[1:]),
    ]
    assert (only_file.read_text(), read_only.read_text()) == ("new", "old and longer")
