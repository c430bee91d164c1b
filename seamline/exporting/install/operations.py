"""Installing a set of weights of a system, putting the previous one back, and looking at what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.candidate import Candidate, system_of
from seamline.exporting.install.files import Files
from seamline.exporting.install.manifest import History, Manifest, Version, damage
from seamline.exporting.install.opened import (
    AfterInstall,
    Installation,
    Opened,
    adopted,
    check_code,
    newer,
    opened_transaction,
    read_ensembles,
)
from seamline.exporting.install.repository import Step, read_steps
from seamline.exporting.install.transaction import locked
from seamline.local.step_code import outdated_step
from seamline.systems import DEFAULT, SYSTEMS, system_named

KEEP = 2
"""Versions of a system that stay by default: the current one and one to go back to."""


def install(
    weights: Path,
    repository: Path,
    *,
    system: str | None = None,
    keep: int = KEEP,
    ensembles: Path | None = None,
    after: AfterInstall | None = None,
    files: Files | None = None,
) -> Installation:
    """Make what `weights` holds, completed by what is served, the newest version of every step of a system.

    `system`: by default the one that its spec.json names; one beside the default system that is not there yet gets its
    steps and ensembles with its first version. `keep`: how many versions stay. `ensembles`: the repository of
    ensembles, by default the folder of that name beside. Raises InstallRefused, and OSError where the disk fails; the
    repository is unchanged then.
    """
    with locked(repository):
        name = known(system or system_of(weights))
        opened = Opened.at(repository, name, ensembles, files or Files()).with_template(weights)
        candidate = Candidate.of_weights(weights, opened.steps, opened.base(), name)
        opened.check(candidate)
        return opened.add(candidate, None, keep, after)


def rollback(
    repository: Path,
    *,
    system: str = DEFAULT,
    keep: int = KEEP,
    ensembles: Path | None = None,
    after: AfterInstall | None = None,
    files: Files | None = None,
) -> Installation | None:
    """Make a copy of a system's previous version the newest one, so that version numbers only rise; before the first
    version of a system beside the default one there was none of it, so that it is removed, which gives None.

    Raises InstallRefused when there is no previous version, its files are not those that the manifest names, or they
    do not fit today's configurations; OSError where the disk fails. The repository is unchanged then.
    """
    with locked(repository):
        opened = Opened.at(repository, known(system), ensembles, files or Files())
        previous = opened.history.previous if opened.history else None
        if system != DEFAULT and opened.steps and (opened.history is None or opened.history.is_first):
            opened.remove()
            return None
        if opened.history is None or previous is None:
            raise InstallRefused(f"{repository} keeps no earlier version to go back to; install the earlier weights")
        for problem in damage(repository, opened.history.versions[previous]):
            raise InstallRefused(
                f"version {previous} cannot be put back: {problem}; install the earlier weights instead"
            )
        candidate = Candidate.of_version(opened.steps, previous)
        opened.check(candidate)
        return opened.add(candidate, previous, keep, after)


def remove(repository: Path, system: str, *, ensembles: Path | None = None, files: Files | None = None) -> None:
    """Take a system beside the default one away with its steps, ensembles and versions.

    Raises InstallRefused for the default system, or one that is not there; OSError where the disk fails.
    """
    with locked(repository):
        if known(system) == DEFAULT:
            raise InstallRefused(f"{DEFAULT} finds and crops the garments of all systems and cannot be removed")
        opened = Opened.at(repository, system, ensembles, files or Files())
        if not opened.steps:
            raise InstallRefused(f"{repository} holds no system {system}")
        opened.remove()


def verify(repository: Path, system: str | None = None) -> list[str]:
    """A sentence for each way in which a repository is not what its manifest says of one or all systems; none when all
    is well."""
    problems: list[str] = []
    for name in installed(repository) if system is None else [known(system)]:
        history, steps = versions(repository, name), read_steps(repository, name)
        problems += [
            *(problem for _, version in sorted(history.versions.items()) for problem in damage(repository, version)),
            *filter(None, [outdated_step([step.folder for step in steps if step.is_python])]),
            *newer(steps, history),
            *_unknown(steps, history),
        ]
    return problems


def installed(repository: Path) -> list[str]:
    """Names of the systems that the manifest holds. Raises InstallRefused where there is none."""
    manifest = Manifest.read(repository)
    if manifest is None or not manifest.systems:
        raise InstallRefused(f"{repository} has no manifest.json; write one with export/install.py --record")
    return sorted(manifest.systems)


def versions(repository: Path, system: str = DEFAULT) -> History:
    """The versions of a system. Raises InstallRefused where there are none."""
    if system not in installed(repository):
        raise InstallRefused(f"{repository} holds no system {system}; install its weights")
    history = (Manifest.read(repository) or Manifest()).of(system)
    assert history is not None
    return history


def record(repository: Path, *, system: str = DEFAULT, files: Files | None = None) -> int:
    """Write what the manifest says of a system anew from its newest whole version, as its files lie: one that was put
    together by hand, or has got further files such as a plan.

    Earlier versions stay in the manifest where they are what it says, and so do other systems; with the default one,
    those that the manifest does not name are taken into it. Returns the newest's number. Raises InstallRefused when
    there is none, or its files do not fit together.
    """
    with locked(repository):
        opened_transaction(repository, known(system), None, files or Files()).recover()
        found = _recorded(repository, system, files or Files())
        for other in SYSTEMS if system == DEFAULT else ():
            if _readable(repository).of(other) is None and read_steps(repository, other):
                _recorded(repository, other, files or Files())
        return found


def _recorded(repository: Path, system: str, files: Files) -> int:
    transaction = opened_transaction(repository, system, None, files)
    steps = read_steps(repository, system)
    history = adopted(steps)
    check_code(steps)
    if history is None:
        raise InstallRefused(f"{repository} has no version of which every step has its files; install weights")
    for stranger in newer(steps, history):
        raise InstallRefused(f"{stranger} that is whole; remove it")
    candidate = Candidate.of_version(steps, history.current)
    Opened(transaction, steps, read_ensembles(transaction.ensembles, system), history).check(candidate)
    readable = _readable(repository)
    kept = _undamaged(repository, readable.of(system), history.current)
    transaction.write(History({**kept, **history.versions}), readable)
    return history.current


def repair(repository: Path, *, ensembles: Path | None = None, files: Files | None = None) -> bool:
    """Remove what an interrupted installation of any system has left; True when there was something. Raises
    InstallRefused."""
    with locked(repository):
        return opened_transaction(repository, DEFAULT, ensembles, files or Files()).recover()


def known(system: str) -> str:
    """The name itself. Raises InstallRefused for a system that this seamline does not have."""
    try:
        return system_named(system).name
    except BadOption as error:
        raise InstallRefused(str(error)) from None


def _readable(repository: Path) -> Manifest:
    """The manifest, or an empty one where it cannot be read."""
    try:
        return Manifest.read(repository) or Manifest()
    except InstallRefused:
        return Manifest()


def _undamaged(repository: Path, history: History | None, below: int) -> dict[int, Version]:
    """The earlier versions that are what the manifest says."""
    earlier = {number: version for number, version in history.versions.items() if number < below} if history else {}
    return {number: version for number, version in earlier.items() if not any(damage(repository, version))}


def _unknown(steps: Sequence[Step], history: History) -> Iterator[str]:
    """A sentence for each file of the manifest's versions that it does not name."""
    known_files = {name for version in history.versions.values() for name in version.files}
    for step in steps:
        for number in history.versions:
            names = (f"{step.name}/{number}/{path.name}" for path in step.files(number))
            yield from (f"{name} is not in the manifest" for name in names if name not in known_files)
