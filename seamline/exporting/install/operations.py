"""Installing a set of weights, putting the previous one back, and looking at what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.candidate import Candidate
from seamline.exporting.install.files import Files
from seamline.exporting.install.manifest import Manifest, Version, damage
from seamline.exporting.install.opened import AfterInstall, Installation, Opened, adopted, newer, read_ensembles
from seamline.exporting.install.repository import Step, newest_whole, read_steps
from seamline.exporting.install.transaction import Transaction, locked

KEEP = 2
"""Versions that stay by default: the current one and one to go back to."""


def install(
    weights: Path,
    repository: Path,
    *,
    keep: int = KEEP,
    ensembles: Path | None = None,
    after: AfterInstall | None = None,
    files: Files | None = None,
) -> Installation:
    """Make what `weights` holds, completed by what is served, the newest version of every step.

    `keep`: how many versions stay. `ensembles`: the repository of ensembles, by default the folder of that name
    beside. Raises InstallRefused, and OSError where the disk fails; the repository is unchanged then.
    """
    with locked(repository):
        opened = Opened.at(repository, ensembles, files or Files())
        base = opened.manifest.current if opened.manifest else newest_whole(opened.steps)
        candidate = Candidate.of_weights(weights, opened.steps, base)
        opened.check(candidate)
        return opened.add(candidate, None, keep, after)


def rollback(
    repository: Path,
    *,
    keep: int = KEEP,
    ensembles: Path | None = None,
    after: AfterInstall | None = None,
    files: Files | None = None,
) -> Installation:
    """Make a copy of the previous version the newest one, so that version numbers only rise.

    Raises InstallRefused when there is no previous version, its files are not those that the manifest names, or they
    do not fit today's configurations; OSError where the disk fails. The repository is unchanged then.
    """
    with locked(repository):
        opened = Opened.at(repository, ensembles, files or Files())
        previous = opened.manifest.previous if opened.manifest else None
        if opened.manifest is None or previous is None:
            raise InstallRefused(f"{repository} keeps no earlier version to go back to; install the earlier weights")
        for problem in damage(repository, opened.manifest.versions[previous]):
            raise InstallRefused(
                f"version {previous} cannot be put back: {problem}; install the earlier weights instead"
            )
        candidate = Candidate.of_version(opened.steps, previous)
        opened.check(candidate)
        return opened.add(candidate, previous, keep, after)


def verify(repository: Path) -> list[str]:
    """A sentence for each way in which a repository is not what its manifest says; none when all is well."""
    manifest, steps = versions(repository), read_steps(repository)
    return [
        *(problem for _, version in sorted(manifest.versions.items()) for problem in damage(repository, version)),
        *newer(steps, manifest),
        *_unknown(steps, manifest),
    ]


def versions(repository: Path) -> Manifest:
    """The manifest. Raises InstallRefused where there is none."""
    manifest = Manifest.read(repository)
    if manifest is None:
        raise InstallRefused(f"{repository} has no manifest.json; write one with export/install.py --record")
    return manifest


def record(repository: Path, *, files: Files | None = None) -> int:
    """Write the manifest of the newest whole version anew from its files as they lie: one that was put together by
    hand, or has got further files such as a plan.

    Earlier versions stay in the manifest where they are what it says. Returns the newest's number. Raises
    InstallRefused when there is none, or its files do not fit together.
    """
    with locked(repository):
        steps = read_steps(repository)
        transaction = Transaction(repository, steps, files or Files())
        transaction.recover()
        manifest = adopted(steps)
        if manifest is None:
            raise InstallRefused(f"{repository} has no version of which every step has its files; install weights")
        for stranger in newer(steps, manifest):
            raise InstallRefused(f"{stranger} that is whole; remove it")
        candidate = Candidate.of_version(steps, manifest.current)
        Opened(transaction, steps, read_ensembles(repository.parent / "ensembles"), manifest).check(candidate)
        transaction.write(Manifest({**_undamaged(repository, manifest.current), **manifest.versions}))
        return manifest.current


def repair(repository: Path, *, files: Files | None = None) -> bool:
    """Remove what an interrupted installation has left; True when there was something. Raises InstallRefused."""
    with locked(repository):
        return Transaction(repository, read_steps(repository), files or Files()).recover()


def _undamaged(repository: Path, below: int) -> dict[int, Version]:
    """The earlier versions that are what the manifest says; none where it cannot be read."""
    try:
        manifest = Manifest.read(repository)
    except InstallRefused:
        return {}
    earlier = {number: version for number, version in manifest.versions.items() if number < below} if manifest else {}
    return {number: version for number, version in earlier.items() if not any(damage(repository, version))}


def _unknown(steps: Sequence[Step], manifest: Manifest) -> Iterator[str]:
    """A sentence for each file of the manifest's versions that it does not name."""
    known = {name for version in manifest.versions.values() for name in version.files}
    for step in steps:
        for number in manifest.versions:
            names = (f"{step.name}/{number}/{path.name}" for path in step.files(number))
            yield from (f"{name} is not in the manifest" for name in names if name not in known)
