from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from seamline.core.input_files import read_regular


def test_a_regular_file_is_read_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    data, status = read_regular(tmp_path / "a", 5)
    assert (data, status.st_size) == (b"12345", 5)


def test_what_would_wait_or_never_end_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 40)
    for path, reason in (
        (tmp_path / "fifo", "it is not a regular file"),
        (tmp_path / "link", "it is not a regular file"),
        (tmp_path, "it is not a regular file"),
        (tmp_path / "sparse", "it has 1,099,511,627,776 bytes or more; at most 1,000 are read"),
        (Path("/proc/kallsyms"), "it has 1,001 bytes or more; at most 1,000 are read"),
    ):
        with pytest.raises(OSError, match=re.escape(reason)):
            read_regular(path, 1000)
    with pytest.raises(ValueError, match="null"):
        read_regular("a\0b", 1000)
