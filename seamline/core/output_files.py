"""Files that a user names for output.

A regular file is replaced when it is complete, with its mode, where a link leads; until then the old one stays. What
is not a regular file, a device, a pipe or a stream of this process such as /dev/stdout, is written through.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seamline.core.errors import BadOption
from seamline.core.streams import OutputFailed

_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")


def write_text(path: Path, text: str) -> None:
    """Write the text as UTF-8, whole or not at all. Raises BadOption where that fails."""
    with output_file(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))


@contextlib.contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which is at `path` once the block has ended without an error.

    Raises BadOption where it cannot be written, OutputFailed for this process's standard output.
    """
    check_output(path)
    try:
        with _through(path) if _is_written_through(path) else _replacing(path) as file:
            yield file
    except OSError as error:
        if error.filename is not None:  # of another file, which the block has opened
            raise
        if _descriptor(path) == 1:
            raise OutputFailed(error) from None
        raise _unwritable(path, error) from error


def open_through(path: Path) -> BinaryIO:
    """The file itself, emptied, for lines that are to be there as they happen. Raises BadOption."""
    try:
        number = _descriptor(path)
        if number is None:
            return open(path, "wb")
        sys.stdout.flush()
        return os.fdopen(os.dup(number), "wb")
    except OSError as error:
        raise _unwritable(path, error) from None


def check_output(path: Path) -> None:
    """Raises BadOption where it shows already that `path` cannot be written, before there is work to lose."""
    if _descriptor(path) is not None:
        return
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            raise BadOption(f"{path} cannot be written: there is no folder {folder}") from None
        writable = os.access(folder, os.W_OK | os.X_OK)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    else:
        if stat.S_ISDIR(mode):
            raise BadOption(f"{path} is a folder; name a file")
        writable = os.access(path, os.W_OK)
    if not writable:
        raise _unwritable(path, OSError(errno.EACCES, os.strerror(errno.EACCES)))


def _unwritable(path: Path, error: OSError | ValueError) -> BadOption:
    reason = error.strerror or str(error) if isinstance(error, OSError) else "its name cannot be a file's"
    return BadOption(f"{path} cannot be written: {reason}")


def _descriptor(path: Path) -> int | None:
    """The number of the open stream that the path stands for."""
    name = os.path.abspath(path)
    found = _DESCRIPTOR.fullmatch(name)
    return int(found[1]) if found else _STREAMS.get(name)


def _is_written_through(path: Path) -> bool:
    """Also where only the file, and not its folder, may be written."""
    if _descriptor(path) is not None:
        return True
    if not path.exists():
        return False
    return not path.is_file() or not os.access(Path(os.path.realpath(path)).parent, os.W_OK | os.X_OK)


@contextlib.contextmanager
def _through(path: Path) -> Iterator[BinaryIO]:
    with open_through(path) as file:
        yield file


def _created(draft: Path, path: Path) -> BinaryIO:
    try:
        return open(draft, "xb")
    except OSError as error:
        raise _unwritable(path, error) from error


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with _created(draft, path) as file:
            with contextlib.suppress(FileNotFoundError):
                before = target.stat()
                with contextlib.suppress(OSError):
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            draft.replace(target)
        except OSError as error:
            raise _unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
