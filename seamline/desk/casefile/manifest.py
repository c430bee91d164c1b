"""The list of a case file's files: their hashes and sizes, and with what the log ends."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import seamline
from seamline.desk.casefile.model import FORMAT, CaseContent
from seamline.desk.casefile.plain import from_plain, to_plain
from seamline.desk.casefile.strict_json import parsed, readable


@dataclass(frozen=True)
class Listed:
    """A file's SHA-256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """`case`: its id. `at`: time of the last log entry. `entries`, `head`: how many entries the log has, and the digest
    of the last one. `time_stamp`: the host of the authority that was asked, None where none was. `files`: all but
    manifest and time stamp, by name.
    """

    format: int
    seamline: str
    case: str
    at: str
    entries: int
    head: str
    time_stamp: str | None
    files: Mapping[str, Listed]


def listed(data: bytes) -> Listed:
    """Of these bytes."""
    return Listed(hashlib.sha256(data).hexdigest(), len(data))


def manifest_of(content: CaseContent, files: Mapping[str, Listed], authority: str | None) -> bytes:
    """The manifest as it is written."""
    last = content.log[-1]
    case, version = content.facts.id, seamline.__version__
    made = Manifest(FORMAT, version, case, last.at, last.number, last.digest, authority, files)
    return readable(to_plain(made))


def read_manifest(data: bytes) -> Manifest:
    """Raises ValueError for what is none, or one of another format."""
    read = from_plain(Manifest, parsed(data), "manifest")
    if read.format != FORMAT:
        raise ValueError(f"it is of format {read.format}, not of format {FORMAT}")
    return read
