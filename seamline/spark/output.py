"""The output folder, on any filesystem that pyarrow reaches.

    OUT/plan.json                   what the runs agree on
    OUT/garments/part-00017.parquet rows and journal of a partition, put in place by one rename
    OUT/failures/part-00017.parquet the partition's photos that failed and why, taken from that journal
    OUT/summary.json                counts; there only while the folder is finished
    OUT/_attempts/                  what attempts have not committed; nobody reads it

A file is written under a name of its own and then moved over the one that it replaces, so that readers see one whole
file, and of several attempts at a partition (a task that is tried again, a speculative copy, one whose executor was
given up but still runs) exactly one remains.
"""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from seamline.core.errors import BadOption

PLAN, SUMMARY = "plan.json", "summary.json"
_ATTEMPTS = "_attempts"


def garments_name(partition: int) -> str:
    """The file of a partition's rows."""
    return f"garments/part-{partition:05d}.parquet"


def failures_name(partition: int) -> str:
    """The file of a partition's failures."""
    return f"failures/part-{partition:05d}.parquet"


def resolve(address: str) -> tuple[fs.FileSystem, str]:
    """The filesystem and the path in it of a path or of a URI such as s3://bucket/folder. Raises BadOption."""
    if "://" not in address:
        return fs.LocalFileSystem(), str(Path(address).resolve())
    try:
        return fs.FileSystem.from_uri(address)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadOption(f"{address} cannot be reached: {error}") from None


@dataclasses.dataclass(frozen=True)
class Output:
    """The folder by its path or URI; small, so that tasks can carry it."""

    address: str

    def is_occupied(self) -> bool:
        """Whether there is something in the folder that no attempt of this job has left."""
        files, root = resolve(self.address)
        found = files.get_file_info(fs.FileSelector(root, allow_not_found=True))
        return any(entry.base_name != _ATTEMPTS for entry in found)

    def begin(self) -> None:
        """Make the folders, drop what attempts of an earlier run left, and the sign that the folder is finished."""
        files, root = resolve(self.address)
        for folder in ("garments", "failures", _ATTEMPTS):
            files.create_dir(f"{root}/{folder}", recursive=True)
        files.delete_dir_contents(f"{root}/{_ATTEMPTS}")
        self.remove(SUMMARY)

    def end(self, summary: str) -> None:
        """Mark the folder as finished."""
        self.put_text(SUMMARY, summary)
        files, root = resolve(self.address)
        files.delete_dir(f"{root}/{_ATTEMPTS}")

    def open(self, name: str) -> pa.NativeFile | None:
        """A file to read from, None when it is not there."""
        files, root = resolve(self.address)
        try:
            return files.open_input_file(f"{root}/{name}")
        except FileNotFoundError:
            return None

    def text(self, name: str) -> str | None:
        """A file's text, None when it is not there."""
        file = self.open(name)
        if file is None:
            return None
        with file:
            return bytes(file.read()).decode()

    def put(self, name: str, local: Path) -> None:
        """Put a finished file of this machine in the place of `name`, as one step."""
        files, root = resolve(self.address)
        attempt = _attempt(files, root)
        fs.copy_files(str(local), attempt, source_filesystem=fs.LocalFileSystem(), destination_filesystem=files)
        files.move(attempt, f"{root}/{name}")

    def put_text(self, name: str, text: str) -> None:
        """Write a small file as one step."""
        files, root = resolve(self.address)
        attempt = _attempt(files, root)
        with files.open_output_stream(attempt) as file:
            file.write(text.encode())
        files.move(attempt, f"{root}/{name}")

    def remove(self, name: str) -> None:
        """Delete a file that may be there."""
        files, root = resolve(self.address)
        if files.get_file_info(f"{root}/{name}").type == fs.FileType.File:
            files.delete_file(f"{root}/{name}")


def _attempt(files: fs.FileSystem, root: str) -> str:
    files.create_dir(f"{root}/{_ATTEMPTS}", recursive=True)
    return f"{root}/{_ATTEMPTS}/{uuid.uuid4().hex}"
