"""Adding a version to a model repository and removing one, so that every step has it or none.

A version is written into a hidden folder inside each step, and renamed into place when all of them are complete. The
manifest is written after the last rename. A journal, `.installing`, names beforehand which version numbers are about
to come or go: whatever ends the program in between, `recover` removes those that the manifest does not name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.files import Files, Source, beside, content
from seamline.exporting.install.manifest import Manifest, Version
from seamline.exporting.install.repository import Step
from seamline.local.repository import JOURNAL, MANIFEST

_STAGED = ".staged"


@dataclasses.dataclass(frozen=True)
class Transaction:
    """Changes of one repository through `files`; the caller holds its lock."""

    repository: Path
    steps: Sequence[Step]
    files: Files

    def add(self, number: int, contents: Mapping[str, Mapping[str, Source]], manifest: Manifest) -> None:
        """Make version `number` of each step, then write `manifest`.

        Raises OSError, and leaves the repository as it was then as far as the file system still allows; `recover`
        does the rest later.
        """
        with self._undoing():
            self._note([number])
            for step in self.steps:
                self._stage(step, contents[step.name])
            for step in self.steps:
                self.files.rename(step.folder / _STAGED, step.version(number))
                self.files.sync(step.folder)
            self.write(manifest)

    def remove(self, numbers: Sequence[int], manifest: Manifest) -> None:
        """Write `manifest`, which does not name the version `numbers` any more, then remove them. Raises OSError."""
        with self._undoing():
            self._note(numbers)
            self.write(manifest)
            self.recover()

    def write(self, manifest: Manifest) -> None:
        """Replace the manifest in one step. Raises OSError."""
        self.files.replace(self.repository / MANIFEST, manifest.to_json().encode())

    def recover(self) -> bool:
        """End what an interrupted installation began; True when there was something. Raises OSError."""
        journal = self.repository / JOURNAL
        leftovers = [path for path in (beside(journal), beside(self.repository / MANIFEST)) if path.is_file()]
        if journal.is_file():
            known = Manifest.read(self.repository)
            doomed = _numbers(journal) - set(known.versions if known else ())
            for step in self.steps:
                for path in (step.folder / _STAGED, *(step.version(number) for number in doomed)):
                    self._take_away(step, path)
            leftovers.append(journal)
        for path in leftovers:
            self.files.unlink(path)
        return bool(leftovers)

    @contextlib.contextmanager
    def _undoing(self) -> Iterator[None]:
        """Whatever happens inside, what the manifest does not name goes; the journal stays where that fails."""
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                self.recover()

    def _note(self, numbers: Sequence[int]) -> None:
        self.files.replace(self.repository / JOURNAL, json.dumps(list(numbers)).encode())

    def _stage(self, step: Step, contents: Mapping[str, Source]) -> None:
        folder = step.folder / _STAGED
        self.files.remove(folder)
        self.files.make_folder(folder)
        for name, source in sorted(contents.items()):
            self.files.write(folder / name, content(source))
            if name.endswith(".py"):
                self.files.compile(folder / name)
        self.files.sync(folder)

    def _take_away(self, step: Step, path: Path) -> None:
        """Remove a folder; a version stops being one by the first operation, and is never seen half empty."""
        staged = step.folder / _STAGED
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


def with_version(manifest: Manifest | None, number: int, version: Version) -> Manifest:
    """The manifest with one version more."""
    return Manifest({**(manifest.versions if manifest else {}), number: version})


def without(manifest: Manifest, numbers: Sequence[int]) -> Manifest:
    """The manifest with some versions less."""
    return Manifest({number: version for number, version in manifest.versions.items() if number not in numbers})


def _numbers(journal: Path) -> set[int]:
    """The version numbers in a journal; none where it was cut off, for nothing is done before it is whole."""
    try:
        return {int(number) for number in json.loads(journal.read_text(encoding="utf-8"))}
    except ValueError:
        return set()
