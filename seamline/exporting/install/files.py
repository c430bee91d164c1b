"""The file operations that an installation is made of.

Each of the primitives is one step that can fail by itself (full disk, missing permission, killed process).
What an installation needs is durable when they return. `replace` and `remove` are made of them.
"""

from __future__ import annotations

import compileall
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_CHUNK = 2**20

Source = Path | bytes
"""What a file of a version is made from: another file, or its content."""


class Files:
    """The real file system. Raises OSError."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder whose parent exists."""
        folder.mkdir()

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        """Write a file that does not exist yet."""
        with path.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def sync(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, path: Path, to: Path) -> None:
        """Give a file or a folder another name in the same file system; an existing file is replaced."""
        path.rename(to)

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder."""
        folder.rmdir()

    def compile(self, path: Path) -> None:
        """Compile a Python file as its first import would do.

        An import that finds no compiled file writes one, and Triton takes a changed folder for a changed model.
        """
        compileall.compile_file(path, quiet=2)

    def replace(self, path: Path, content: bytes) -> None:
        """Write a file in one step: a reader sees the old content or the new one."""
        new = beside(path)
        self.remove(new)
        self.write(new, [content])
        self.rename(new, path)
        self.sync(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all that is in it; nothing where there is none."""
        if path.is_dir() and not path.is_symlink():
            for entry in list(path.iterdir()):
                self.remove(entry)
            self.remove_folder(path)
        elif path.exists() or path.is_symlink():
            self.unlink(path)


def beside(path: Path) -> Path:
    """Where `replace` writes a file before it gets its name."""
    return path.with_name(f".{path.name.lstrip('.')}.new")


def content(source: Source) -> Iterator[bytes]:
    """The bytes of a source, in pieces."""
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
