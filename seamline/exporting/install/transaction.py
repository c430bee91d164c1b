"""Adding a version of a system to a model repository and removing one, so that each of its steps has it or none.

A version is written into a hidden folder inside each step, and renamed into place when all of them are complete; with
a system's first version its steps and ensembles are made. The manifest is written after the last rename. A journal,
`.installing`, names beforehand what is about to come or go: whatever ends the program in between, `recover` removes
what the manifest does not name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.files import Files, Source, beside, content
from seamline.exporting.install.manifest import History, Manifest, Version
from seamline.local.beside import JOURNAL, MANIFEST
from seamline.local.repository import model_folders
from seamline.systems import DEFAULT

_STAGED = ".staged"

Folder = Mapping[str, bytes]
"""What a new step or ensemble holds beside its versions: path below its folder -> content."""


@dataclasses.dataclass(frozen=True)
class Journal:
    """What is under way: versions `numbers` of `steps`, and where `whole`, the steps and `ensembles` themselves."""

    system: str
    steps: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    whole: bool = False
    ensembles: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The file's text."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, repository: Path) -> Self | None:
        """None where the file was cut off, for nothing is done before it is whole, or names no plain folders."""
        try:
            data = json.loads((repository / JOURNAL).read_text(encoding="utf-8"))
            if isinstance(data, list):  # as it was when a repository had one system
                return cls(DEFAULT, _names(folder.name for folder in model_folders(repository)), _numbers(data))
            steps, ensembles = _names(data["steps"]), _names(data["ensembles"])
            return cls(str(data["system"]), steps, _numbers(data["numbers"]), data["whole"] is True, ensembles)
        except (ValueError, KeyError, TypeError):
            return None


@dataclasses.dataclass(frozen=True)
class Transaction:
    """Changes of one system in a repository through `files`; the caller holds the repository's lock."""

    repository: Path
    ensembles: Path
    system: str
    steps: Sequence[str]
    files: Files

    def add(
        self, number: int, contents: Mapping[str, Mapping[str, Source]], history: History,
        new_steps: Mapping[str, Folder] | None = None, new_ensembles: Mapping[str, Folder] | None = None,
    ) -> None:  # fmt: skip
        """Make version `number` of each step, of new ones with their folders, then write the manifest.

        Raises OSError, and leaves the repository as it was then as far as the file system still allows; `recover`
        does the rest later.
        """
        steps, ensembles = new_steps or {}, new_ensembles or {}
        with self._undoing():
            self._note((number,), whole=bool(steps), ensembles=tuple(ensembles))
            for root, folders in ((self.repository, steps), (self.ensembles, ensembles)):
                for name, folder in folders.items():
                    self._make(root / name, folder)
            for name in ensembles:
                self.files.make_folder(self.ensembles / name / "1")
            for name in self.steps:
                self._stage(self.repository / name, contents[name])
            for step in (self.repository / name for name in self.steps):
                self.files.rename(step / _STAGED, step / str(number))
                self.files.sync(step)
            self.write(history)

    def remove(self, numbers: Sequence[int], history: History) -> None:
        """Write a manifest that does not name the versions `numbers` any more, then remove them. Raises OSError."""
        with self._undoing():
            self._note(tuple(numbers))
            self.write(history)
            self.recover()

    def remove_system(self, ensembles: Sequence[str]) -> None:
        """Write a manifest without the system, then remove its steps and ensembles. Raises OSError."""
        with self._undoing():
            self._note((), whole=True, ensembles=tuple(ensembles))
            self.write(None)
            self.recover()

    def write(self, history: History | None, others: Manifest | None = None) -> None:
        """Replace the system's part of the manifest in one step, beside `others` or what the file names. Raises
        OSError."""
        known = others if others is not None else (Manifest.read(self.repository) or Manifest())
        text = known.having(self.system, history).to_json()
        self.files.replace(self.repository / MANIFEST, text.encode())

    def recover(self) -> bool:
        """End what an interrupted installation of any system began; True when there was something. Raises OSError."""
        file = self.repository / JOURNAL
        leftovers = [path for path in (beside(file), beside(self.repository / MANIFEST)) if path.is_file()]
        if file.is_file():
            journal = Journal.read(self.repository)
            if journal is not None:
                self._undo(journal)
            leftovers.append(file)
        for path in leftovers:
            self.files.unlink(path)
        return bool(leftovers)

    def _undo(self, journal: Journal) -> None:
        history = (Manifest.read(self.repository) or Manifest()).of(journal.system)
        if journal.whole and history is None:
            for name in journal.ensembles:
                self.files.remove(self.ensembles / name)
            for name in journal.steps:
                self.files.remove(self.repository / name)
            return
        to_delete = set(journal.numbers) - set(history.versions if history else ())
        for name in journal.steps:
            folder = self.repository / name
            for path in (folder / _STAGED, *(folder / str(number) for number in sorted(to_delete))):
                self._take_away(folder, path)

    @contextlib.contextmanager
    def _undoing(self) -> Iterator[None]:
        """Whatever happens inside, what the manifest does not name goes; the journal stays where that fails."""
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                self.recover()

    def _note(self, numbers: tuple[int, ...], whole: bool = False, ensembles: tuple[str, ...] = ()) -> None:
        journal = Journal(self.system, tuple(self.steps), numbers, whole, ensembles)
        self.files.replace(self.repository / JOURNAL, journal.to_json().encode())

    def _make(self, folder: Path, contents: Folder) -> None:
        self.files.make_folder(folder)
        for name, data in sorted(contents.items()):
            path = folder / name
            if not path.parent.is_dir():
                self.files.make_folder(path.parent)
            self.files.write(path, [data])
        self.files.sync(folder)

    def _stage(self, step: Path, contents: Mapping[str, Source]) -> None:
        folder = step / _STAGED
        self.files.remove(folder)
        self.files.make_folder(folder)
        for name, source in sorted(contents.items()):
            self.files.write(folder / name, content(source))
            if name.endswith(".py"):
                self.files.compile(folder / name)
        self.files.sync(folder)

    def _take_away(self, step: Path, path: Path) -> None:
        """Remove a folder; a version stops being one by the first operation, and is never seen half empty."""
        staged = step / _STAGED
        if path != staged and path.is_dir():
            self.files.remove(staged)
            self.files.rename(path, staged)
        self.files.remove(staged)


@contextlib.contextmanager
def locked(repository: Path) -> Iterator[None]:
    """Keep other installations out of a repository. Raises InstallRefused while one is running."""
    try:
        descriptor = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise InstallRefused(f"{repository} is not a model repository ({error.strerror})") from None
    try:
        _lock(descriptor, repository)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, repository: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InstallRefused(f"another installation into {repository} is running; wait for it to end") from None


def with_version(history: History | None, number: int, version: Version) -> History:
    """The versions with one more."""
    return History({**(history.versions if history else {}), number: version})


def without(history: History, numbers: Sequence[int]) -> History:
    """The versions with some less."""
    return History({number: version for number, version in history.versions.items() if number not in numbers})


def _numbers(values: Sequence[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _names(values: Any) -> tuple[str, ...]:
    names = tuple(map(str, values))
    if any(name in ("", "..") or Path(name).name != name for name in names):
        raise ValueError("a folder's name is a path")
    return names
