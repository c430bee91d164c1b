"""`manifest.json`: which versions of which systems a model repository holds, and every file of each with size and hash.

It is written last and in one step, so that what it names is there and whole. A system's current version is its newest,
which Triton serves by its default version policy.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.files import Source, content
from seamline.local.beside import MANIFEST
from seamline.systems import DEFAULT

FORMAT = 2
"""Version of the file format; a reader refuses a newer one. Format 1 held the versions of the default system alone."""


@dataclasses.dataclass(frozen=True)
class Record:
    """One file: its size in bytes and the SHA-256 of its content."""

    size: int
    sha256: str

    @classmethod
    def of(cls, source: Source) -> Record:
        """The record of a file or of a content. Raises OSError."""
        size, digest = 0, hashlib.sha256()
        for chunk in content(source):
            size += len(chunk)
            digest.update(chunk)
        return cls(size, digest.hexdigest())


@dataclasses.dataclass(frozen=True)
class Version:
    """One set of weights.

    `installed`: date and time, UTC. `restores`: the version of which this one is a copy, None where it is not.
    `files`: path below the repository -> record.
    """

    installed: str
    fingerprint: str
    detector_fingerprint: str
    files: Mapping[str, Record]
    restores: int | None = None


@dataclasses.dataclass(frozen=True)
class History:
    """The versions of one system that a repository keeps, one at least, by number."""

    versions: Mapping[int, Version]

    @property
    def current(self) -> int:
        """The newest version."""
        return max(self.versions)

    @property
    def previous(self) -> int | None:
        """The version before it, None where there is none."""
        return max((number for number in self.versions if number != self.current), default=None)

    @property
    def is_first(self) -> bool:
        """Whether there was no version before the newest, not even one that is not kept any more."""
        return self.current == 1


@dataclasses.dataclass(frozen=True)
class Manifest:
    """System -> its versions."""

    systems: Mapping[str, History] = dataclasses.field(default_factory=dict)

    def of(self, system: str) -> History | None:
        """The versions of a system, None where it is not installed."""
        return self.systems.get(system)

    def having(self, system: str, history: History | None) -> Manifest:
        """The same with other versions of a system, or without it."""
        others = {name: one for name, one in self.systems.items() if name != system}
        return Manifest(others if history is None else {**others, system: history})

    def to_json(self) -> str:
        """The file's text."""
        systems = {name: _history_data(history) for name, history in sorted(self.systems.items())}
        return json.dumps({"format": FORMAT, "systems": systems}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read the file's text. Raises InstallRefused when it is not a manifest that this version reads."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                raise InstallRefused(f"{MANIFEST} has format {data['format']}; install a newer seamline")
            systems = {DEFAULT: data} if data["format"] == 1 else data["systems"]
            return cls({name: _history(one) for name, one in systems.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InstallRefused(
                f"{MANIFEST} is damaged ({type(error).__name__}: {error}); restore it with git, or write it anew "
                "with export/install.py --record"
            ) from None

    @classmethod
    def read(cls, repository: Path) -> Manifest | None:
        """The manifest of a repository, None where it has none."""
        path = repository / MANIFEST
        return cls.from_json(path.read_text(encoding="utf-8")) if path.is_file() else None


def now() -> str:
    """The date and time as a manifest gives it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def damage(repository: Path, version: Version) -> Iterator[str]:
    """A sentence for each file of a version that is not what the manifest says."""
    for name, record in version.files.items():
        path = repository / name
        if not path.is_file():
            yield f"{name} is missing"
            continue
        found = Record.of(path)
        if found != record:
            yield (
                f"{name} has been changed: {found.size} bytes with SHA-256 {found.sha256[:12]}..., the manifest has "
                + (f"{record.size} bytes with {record.sha256[:12]}...")
            )


def _history_data(history: History) -> dict[str, Any]:
    versions = {str(number): _to_jsonable(version) for number, version in sorted(history.versions.items())}
    return {"current": history.current, "versions": versions}


def _history(data: Mapping[str, Any]) -> History:
    history = History({int(number): _version(version) for number, version in data["versions"].items()})
    if data["current"] != history.current:
        raise ValueError("the current version is not its newest")
    return history


def _to_jsonable(version: Version) -> dict[str, Any]:
    data = dataclasses.asdict(version)
    return data if version.restores is not None else {key: data[key] for key in data if key != "restores"}


def _version(data: dict[str, Any]) -> Version:
    files = {name: Record(int(record["size"]), str(record["sha256"])) for name, record in data["files"].items()}
    return Version(**(data | {"files": files}))
