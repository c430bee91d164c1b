"""A repository opened for a change: without leftovers, with its manifest, and with what a new version has to fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seamline.core.spec import Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.candidate import Candidate
from seamline.exporting.install.check_networks import check_networks
from seamline.exporting.install.check_spec import check_configs, check_spec
from seamline.exporting.install.files import Files
from seamline.exporting.install.manifest import Manifest, Version, now
from seamline.exporting.install.repository import Step, newest_whole, read_steps
from seamline.exporting.install.transaction import Transaction, with_version, without
from seamline.local.errors import ConfigMismatch
from seamline.local.repository import model_folders, read_config, variants


@dataclasses.dataclass(frozen=True)
class Installation:
    """The version that holds the set now. `previous`: the one before, None for the first. `restores`: the version of
    which it is a copy. `changed`: whether it is new, and not the current version with the very same files."""

    version: int
    previous: int | None
    spec: Spec
    restores: int | None = None
    notes: tuple[str, ...] = ()
    changed: bool = True


AfterInstall = Callable[[Installation], None]
"""Called when a new version is in place and before old ones are removed. When it raises InstallRefused, the new
version is taken away again; what else it raises leaves it."""


@dataclasses.dataclass(frozen=True)
class Opened:
    """A locked repository; `manifest` is None where it holds no whole version yet."""

    transaction: Transaction
    steps: list[Step]
    ensembles: dict[str, Any]
    manifest: Manifest | None

    @classmethod
    def at(cls, repository: Path, ensembles: Path | None, files: Files) -> Opened:
        """Raises InstallRefused when it is no model repository, or serves a version that nobody installed."""
        steps = read_steps(repository)
        transaction = Transaction(repository, steps, files)
        transaction.recover()
        manifest = Manifest.read(repository) or adopted(steps)
        for stranger in newer(steps, manifest) if manifest else ():
            raise InstallRefused(f"{stranger}; remove it, or write the manifest anew with --record")
        return cls(transaction, steps, read_ensembles(ensembles or repository.parent / "ensembles"), manifest)

    def check(self, candidate: Candidate) -> None:
        """Raise InstallRefused when configurations, networks and spec disagree."""
        check_spec(candidate.spec)
        check_configs(candidate.spec, self.steps, self.ensembles)
        check_networks(self.steps, candidate)

    def add(self, candidate: Candidate, restores: int | None, keep: int, after: AfterInstall | None) -> Installation:
        """Install a candidate that has been checked, unless it is what the current version holds."""
        manifest, installed = self._unchanged(candidate) or self._new(candidate, restores)
        if after is not None:
            self._tell(after, installed)
        return dataclasses.replace(installed, notes=(*installed.notes, *self._prune(manifest, keep)))

    def _unchanged(self, candidate: Candidate) -> tuple[Manifest, Installation] | None:
        if self.manifest is None:
            return None
        current = self.manifest.current
        if candidate.records(current) != self.manifest.versions[current].files:
            return None
        if Manifest.read(self.transaction.repository) is None:
            self.transaction.write(self.manifest)
        return self.manifest, Installation(current, self.manifest.previous, candidate.spec, changed=False)

    def _new(self, candidate: Candidate, restores: int | None) -> tuple[Manifest, Installation]:
        number = 1 + max(number for step in self.steps for number in (0, *step.versions()))
        manifest = with_version(self.manifest, number, described(candidate, number, restores))
        self.transaction.add(number, candidate.files, manifest)
        previous = self.manifest.current if self.manifest else None
        return manifest, Installation(number, previous, candidate.spec, restores, candidate.notes)

    def _tell(self, after: AfterInstall, installed: Installation) -> None:
        try:
            after(installed)
        except InstallRefused:
            if installed.changed and self.manifest is not None:
                self.transaction.remove([installed.version], self.manifest)
            raise

    def _prune(self, manifest: Manifest, keep: int) -> Iterator[str]:
        """Remove the oldest versions; the installation stands when that fails."""
        old = sorted(manifest.versions)[: -max(1, keep)]
        if not old:
            return
        try:
            self.transaction.remove(old, without(manifest, old))
        except OSError as error:
            yield f"old versions could not be removed ({error.strerror}); run export/install.py with --repair"


def adopted(steps: Sequence[Step]) -> Manifest | None:
    """A manifest for a repository that has none: of its newest whole version."""
    number = newest_whole(list(steps))
    if number is None:
        return None
    return Manifest({number: described(Candidate.of_version(steps, number), number, None)})


def described(candidate: Candidate, number: int, restores: int | None) -> Version:
    """What a manifest says of a candidate as version `number`."""
    spec = candidate.spec
    return Version(now(), spec.fingerprint, spec.detector_fingerprint, candidate.records(number), restores)


def newer(steps: Sequence[Step], manifest: Manifest) -> Iterator[str]:
    """A sentence for each version folder that would be served though the manifest does not name it."""
    for step in steps:
        for number in step.versions():
            if number > manifest.current:
                yield f"{step.name}/{number} is newer than version {manifest.current}, the newest"


def read_ensembles(folder: Path) -> dict[str, Any]:
    """Name and variant -> config of each ensemble; none where the folder does not exist."""
    names = variants([folder])
    try:
        return {f"{path.name} ({name})": read_config(path, name) for path in model_folders(folder) for name in names}
    except ConfigMismatch as error:
        raise InstallRefused(str(error)) from None
