"""A repository opened for a change of one system: without leftovers, with its versions, and with what a new one has to
fit."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seamline.core.errors import SeamlineError
from seamline.core.spec import Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.candidate import Base, Candidate, check_system, read_spec
from seamline.exporting.install.check_networks import check_networks, opened_network
from seamline.exporting.install.check_spec import check_batches, check_configs, check_spec
from seamline.exporting.install.files import Files
from seamline.exporting.install.manifest import History, Manifest, Version, now
from seamline.exporting.install.repository import SPEC, Step, newest_whole, read_steps
from seamline.exporting.install.serving_template import Configs, Template, from_description
from seamline.exporting.install.transaction import Transaction, with_version, without
from seamline.local.beside import step_owners
from seamline.local.errors import ConfigMismatch
from seamline.local.repository import model_folders, read_config, variants
from seamline.local.step_code import outdated_step
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT, SYSTEMS, ensembles_of, system_named


@dataclasses.dataclass(frozen=True)
class Installation:
    """The version of a system that holds the set now. `previous`: the one before, None for the first. `restores`: the
    version of which it is a copy. `changed`: whether it is new, and not the current version with the very same files.
    """

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
    """A locked repository; `history` is None where it holds no whole version of the system yet. `template`: of a
    system that has no steps there yet."""

    transaction: Transaction
    steps: list[Step]
    ensembles: dict[str, Any]
    history: History | None
    template: Template | None = None

    @classmethod
    def at(cls, repository: Path, system: str, ensembles: Path | None, files: Files) -> Opened:
        """Raises InstallRefused when it is no model repository, or serves a version that nobody installed."""
        transaction = opened_transaction(repository, system, ensembles, files)
        transaction.recover()
        steps = read_steps(repository, system)
        check_code(steps)
        transaction = dataclasses.replace(transaction, steps=[step.name for step in steps])
        history = (Manifest.read(repository) or Manifest()).of(system) or adopted(steps)
        for stranger in newer(steps, history) if history else ():
            raise InstallRefused(f"{stranger}; remove it, or write the manifest anew with --record")
        return cls(transaction, steps, read_ensembles(transaction.ensembles, system), history)

    @property
    def system(self) -> str:
        """The system's name."""
        return self.transaction.system

    def base(self) -> Base:
        """What a version from a folder of weights is completed by."""
        version = self.history.current if self.history else newest_whole(self.steps)
        return Base(version, self._shared_spec(), self.template.code if self.template else {})

    def with_template(self, weights: Path) -> Opened:
        """The same with the steps and ensembles of a system that has none here, as its description and the networks
        of a folder of weights say. Raises InstallRefused."""
        if self.steps or self.system == DEFAULT:
            return self
        repository, ensembles = self.transaction.repository, self.transaction.ensembles
        networks = {step.name: step.network for step in system_named(self.system).steps if step.network}
        tensors = {network: _tensors(weights / f"{network}.onnx") for network in networks.values()}
        spec = self._first_spec(weights)
        template = from_description(spec, tensors, read_steps(repository), read_ensembles(ensembles))
        for folder in (
            *(repository / name for name in template.steps),
            *(ensembles / name for name in template.ensembles),
        ):
            if folder.exists():
                raise InstallRefused(f"{folder} is in the way of the system {self.system}; move it away")
        steps = [
            Step(repository / name, configs, networks.get(name, "")) for name, configs in sorted(template.steps.items())
        ]
        return dataclasses.replace(
            self, transaction=dataclasses.replace(self.transaction, steps=[step.name for step in steps]), steps=steps,
            ensembles={name: config for configs in template.ensembles.values() for name, config in _named(configs)},
            template=template,
        )  # fmt: skip

    def _first_spec(self, weights: Path) -> Spec:
        """What a first version's configurations are written from: its own numbers and the shared detector's."""
        spec = read_spec(weights / SPEC) if (weights / SPEC).is_file() else system_named(self.system).spec()
        check_system(weights, spec, self.system)
        shared = self._shared_spec()
        return spec if shared is None else dataclasses.replace(spec, detector=shared.detector)

    def check(self, candidate: Candidate) -> None:
        """Raise InstallRefused when configurations, networks and spec disagree."""
        check_spec(candidate.spec)
        check_configs(candidate.spec, self.steps, self.ensembles)
        check_networks(self.steps, candidate)
        self._check_beside(candidate)

    def _check_beside(self, candidate: Candidate) -> None:
        """The shared steps stay as the other systems were trained with; one that is damaged has no say."""
        repository = self.transaction.repository
        for name in self._beside():
            check_batches(candidate.spec, _readable_steps(repository, name))
            with contextlib.suppress(SeamlineError):
                spec = Weights.of_repository(repository, name).spec
                if (spec.photo, spec.crop) != (candidate.spec.photo, candidate.spec.crop):
                    raise InstallRefused(
                        f"the photo or crop numbers are others than those that the system {name} beside was trained "
                        f"with; take it away first with --remove --system {name}"
                    )

    def _beside(self) -> list[str]:
        """The systems whose garments this one's steps find and crop; none but for the default one."""
        owners = step_owners(self.transaction.repository).values() if self.system == DEFAULT else ()
        return sorted(set(owners) & set(SYSTEMS))

    def _told_beside(self, spec: Spec) -> Iterator[str]:
        """A sentence for each other system whose answers name another detector than the one that serves it now."""
        repository = self.transaction.repository
        manifest = Manifest.read(repository) or Manifest()
        for name in self._beside():
            history = manifest.of(name)
            if history and history.versions[history.current].detector_fingerprint != spec.detector_fingerprint:
                yield (
                    f"the answers of {name} name the detector before this one until its weights are installed again, "
                    f"with --system {name} --weights {repository}"
                )

    def add(self, candidate: Candidate, restores: int | None, keep: int, after: AfterInstall | None) -> Installation:
        """Install a candidate that has been checked, unless it is what the current version holds."""
        history, installed = self._unchanged(candidate) or self._new(candidate, restores)
        if after is not None:
            self._tell(after, installed)
        notes = *installed.notes, *self._prune(history, keep), *self._told_beside(candidate.spec)
        return dataclasses.replace(installed, notes=notes)

    def remove(self) -> None:
        """Remove a system beside the default one: its steps, ensembles and versions."""
        self.transaction.remove_system(sorted({config.name for config in self.ensembles.values()}))

    def _shared_spec(self) -> Spec | None:
        """The newest spec of the default system, for another one."""
        if self.system == DEFAULT:
            return None
        steps = read_steps(self.transaction.repository)
        number = newest_whole(steps)
        if number is None:
            raise InstallRefused(
                f"{self.transaction.repository} holds no whole version of {DEFAULT}, whose steps find and crop the "
                "garments of all systems; install that first"
            )
        return read_spec(steps[0].version(number) / SPEC)

    def _unchanged(self, candidate: Candidate) -> tuple[History, Installation] | None:
        if self.history is None:
            return None
        current = self.history.current
        if candidate.records(current) != self.history.versions[current].files:
            return None
        if (Manifest.read(self.transaction.repository) or Manifest()).of(self.system) is None:
            self.transaction.write(self.history)
        return self.history, Installation(current, self.history.previous, candidate.spec, changed=False)

    def _new(self, candidate: Candidate, restores: int | None) -> tuple[History, Installation]:
        number = 1 + max(number for step in self.steps for number in (0, *step.versions()))
        history = with_version(self.history, number, described(candidate, number, restores))
        new = self.template
        steps, ensembles = (new.step_folders(), new.ensemble_folders()) if new else ({}, {})
        self.transaction.add(number, candidate.files, history, steps, ensembles)
        previous = self.history.current if self.history else None
        return history, Installation(number, previous, candidate.spec, restores, candidate.notes)

    def _tell(self, after: AfterInstall, installed: Installation) -> None:
        try:
            after(installed)
        except InstallRefused:
            if installed.changed and self.history is not None:
                self.transaction.remove([installed.version], self.history)
            elif installed.changed and self.template is not None:
                self.remove()
            raise

    def _prune(self, history: History, keep: int) -> Iterator[str]:
        """Remove the oldest versions; the installation stands when that fails."""
        old = sorted(history.versions)[: -max(1, keep)]
        if not old:
            return
        try:
            self.transaction.remove(old, without(history, old))
        except OSError as error:
            yield f"old versions could not be removed ({error.strerror}); run export/install.py with --repair"


def _readable_steps(repository: Path, system: str) -> list[Step]:
    """A system's steps, none where they cannot be read."""
    try:
        return read_steps(repository, system)
    except InstallRefused:
        return []


def opened_transaction(repository: Path, system: str, ensembles: Path | None, files: Files) -> Transaction:
    """Before anything is known of the repository."""
    return Transaction(repository, ensembles or repository.parent / "ensembles", system, (), files)


def check_code(steps: Sequence[Step]) -> None:
    """Raise InstallRefused when steps were made for an older seamline."""
    problem = outdated_step([step.folder for step in steps if step.is_python])
    if problem:
        raise InstallRefused(problem)


def adopted(steps: Sequence[Step]) -> History | None:
    """The versions of a system in a repository without a manifest: its newest whole one."""
    number = newest_whole(list(steps))
    if number is None:
        return None
    return History({number: described(Candidate.of_version(steps, number), number, None)})


def described(candidate: Candidate, number: int, restores: int | None) -> Version:
    """What a manifest says of a candidate as version `number`."""
    spec = candidate.spec
    return Version(now(), spec.fingerprint, spec.detector_fingerprint, candidate.records(number), restores)


def newer(steps: Sequence[Step], history: History) -> Iterator[str]:
    """A sentence for each version folder that would be served though the manifest does not name it."""
    for step in steps:
        for number in step.versions():
            if number > history.current:
                yield f"{step.name}/{number} is newer than version {history.current}, the newest"


def read_ensembles(folder: Path, system: str = DEFAULT) -> dict[str, Any]:
    """Name and variant -> config of each of a system's ensembles; none where the folder does not exist."""
    own = dataclasses.astuple(ensembles_of(system))
    try:
        return {
            f"{path.name} ({name})": read_config(path, name)
            for path in model_folders(folder)
            if path.name in own
            for name in variants([folder])
        }
    except ConfigMismatch as error:
        raise InstallRefused(str(error)) from None


def _named(configs: Configs) -> Iterator[tuple[str, Any]]:
    yield from ((f"{config.name} ({variant})", config) for variant, config in configs.items())


def _tensors(file: Path) -> tuple[list[Any], list[Any]]:
    if not file.is_file():
        raise InstallRefused(f"{file} does not exist; export all networks of the system with export/to_onnx.py")
    session = opened_network(file.stem, file.name, file)
    return list(session.get_inputs()), list(session.get_outputs())
