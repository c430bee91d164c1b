"""A ZIP from anybody, read without trust: nothing is unpacked to disk, and nothing is read that claims too much."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from seamline.core.errors import BadOption
from seamline.desk.casefile import layout
from seamline.desk.casefile.manifest import Listed

_PIECE = 1 << 20
_LARGEST_READ = 4 << 20
"""Bytes that zipfile asks for at once: the whole list of files, each of which it then holds as an object."""

_MOST_PACKED = 200
"""Bytes that one packed byte may give; what cases hold gives less than 30."""

_FOLDERS = ("answers/", "photos/")
_ENCRYPTED = 0x1 | 0x40
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class CaseZip:
    """The files that may be read, by name, and a sentence in `findings` for each one that may not."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self.findings: list[str] = []
        total = 0
        for entry in archive.infolist():
            total += entry.file_size
            problem = self._problem(entry, total)
            if problem is not None:
                self.findings.append(f"{_shown(entry.orig_filename)} {problem}")
            elif entry.orig_filename not in _FOLDERS:
                self._entries[entry.orig_filename] = entry

    @property
    def names(self) -> tuple[str, ...]:
        """Of the files that may be read."""
        return tuple(self._entries)

    def measured(self, name: str) -> Listed | None:
        """Hash and size of a file; None, and a finding, where it cannot be read."""
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self._pieces(name):
                digest.update(piece)
                size += len(piece)
        except _BROKEN:
            self.findings.append(f"{name} was altered or damaged: it cannot be unpacked")
            return None
        return Listed(digest.hexdigest(), size)

    def read(self, name: str) -> bytes | None:
        """A file that is read as a whole; None where there is none that can be."""
        try:
            return b"".join(self._pieces(name)) if name in self._entries else None
        except _BROKEN:
            return None

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self._archive.open(self._entries[name]) as file:
            while piece := file.read(_PIECE):
                yield piece

    def _problem(self, entry: zipfile.ZipInfo, total: int) -> str | None:
        name = entry.orig_filename
        if name in self._entries:
            return "is there twice; the second one was not read"
        if name in _FOLDERS and entry.file_size == 0:
            return None
        if not layout.is_known(name):
            return "was added: a case file has no file of that name, and it was not read"
        if not _is_file(entry):
            return "is a link or a device instead of a file, and was not followed"
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return "is encrypted or packed in another way than case files are, and was not read"
        if entry.file_size > min(layout.largest(name), _PIECE + _MOST_PACKED * entry.compress_size):
            return "claims to be larger than files of a case are, and was not read"
        return "was not read: the case file claims to be larger than any is" if total > layout.LARGEST_TOTAL else None


def _is_file(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind in (0, stat.S_IFREG)


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else name[:80] + "...")


@contextmanager
def opened(path: Path) -> Iterator[CaseZip]:
    """The case file at `path`. Raises BadOption for what is none."""
    with _regular(path) as file:
        try:
            archive = zipfile.ZipFile(_Careful(file))
        except _BROKEN as error:
            raise BadOption(f"{path} is not a case file: it is not a ZIP file that can be read") from error
        with archive:
            if len(archive.infolist()) > layout.MOST_FILES:
                raise BadOption(f"{path} is not a case file: it lists more than {layout.MOST_FILES:,} files")
            if not {layout.CASE, layout.LOG, layout.MANIFEST} & set(archive.namelist()):
                raise BadOption(f"{path} is not a case file: it holds no case.json, log.jsonl or manifest.json")
            yield CaseZip(archive)


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """Opened without waiting for a pipe to be written to."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be a file's"
        raise BadOption(f"{path} cannot be read: {reason}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadOption(f"{path} is not a file")
        with open(descriptor, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)


class _Careful:
    """A file that gives no more at once than reading a case file takes, whatever sizes the ZIP claims."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(_LARGEST_READ + 1 if size < 0 else min(size, _LARGEST_READ + 1))
        if len(data) > _LARGEST_READ:
            raise ValueError("it claims to be larger than case files are")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
