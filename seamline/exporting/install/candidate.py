"""What the next version of a system would hold: from a folder of weights, or from an older version."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from seamline.core.errors import InternalError
from seamline.core.spec import NO_FINGERPRINT, Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.check_spec import of_system
from seamline.exporting.install.files import Source, content
from seamline.exporting.install.manifest import Record
from seamline.exporting.install.repository import SPEC, Step, model_file
from seamline.exporting.networks import DETECTOR
from seamline.systems import DEFAULT, system_named

_FINGERPRINT_DIGITS = 16


@dataclasses.dataclass(frozen=True)
class Base:
    """What a version from a folder of weights is completed by.

    `version`: of the same system, None for its first. `shared`: the spec of the default system, whose decode, detector
    and crop serve another system's photos; None for the default system itself. `code`: step -> its model.py, for those
    that have none yet.
    """

    version: int | None = None
    shared: Spec | None = None
    code: Mapping[str, bytes] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Candidate:
    """Step -> file name -> where its content comes from; `notes` are sentences for the person who installs."""

    spec: Spec
    files: Mapping[str, Mapping[str, Source]]
    notes: tuple[str, ...] = ()

    @classmethod
    def of_weights(cls, weights: Path, steps: Sequence[Step], base: Base, system: str = DEFAULT) -> Candidate:
        """What `weights` holds, completed by `base`. A model repository is a folder of weights too: its newest.

        Raises InstallRefused when the folder holds nothing, a file is in neither place, spec.json is not a spec, or is
        another system's.
        """
        places = [_place(weights, step, name) for step in steps if not step.is_python for name in step.wanted()]
        if not any(place.is_file() for place in (weights / SPEC, *places)):
            raise InstallRefused(
                f"{weights} holds neither a network nor a {SPEC}; name a folder that export/to_onnx.py wrote"
            )
        notes: list[str] = []
        files = {step.name: _step_files(step, weights, base, notes) for step in steps}
        spec = _fingerprinted(_spec(weights, steps, base, system), steps, files)
        for step in steps:
            files[step.name][SPEC] = spec.to_json().encode()
        return cls(spec, files, tuple(notes))

    @classmethod
    def of_version(cls, steps: Sequence[Step], number: int) -> Candidate:
        """The very files of a version. Raises InstallRefused when its spec.json is not a spec."""
        files: dict[str, dict[str, Source]] = {
            step.name: {path.name: path for path in step.files(number)} for step in steps
        }
        return cls(read_spec(steps[0].version(number) / SPEC), files)

    def records(self, number: int) -> dict[str, Record]:
        """Path below the repository -> record, as version `number`."""
        return {
            f"{step}/{number}/{name}": Record.of(source)
            for step, sources in sorted(self.files.items())
            for name, source in sorted(sources.items())
        }


def system_of(weights: Path) -> str:
    """The system whose weights a folder holds, by its spec.json; the default one where there is none."""
    return read_spec(weights / SPEC).system if (weights / SPEC).is_file() else DEFAULT


def check_system(weights: Path, spec: Spec, system: str) -> None:
    """Raise InstallRefused when a folder's weights are another system's."""
    if spec.system != system:
        raise InstallRefused(
            f"{weights} holds weights of the system {spec.system}; install them with --system {spec.system}"
        )


def read_spec(path: Path) -> Spec:
    """A spec file. Raises InstallRefused."""
    try:
        return Spec.from_json(path.read_bytes().decode())
    except (InternalError, UnicodeDecodeError, OSError) as error:
        raise InstallRefused(f"{path} cannot be used: {error}; take the one that training wrote") from None


def _place(weights: Path, step: Step, name: str) -> Path:
    """Where a file of a step lies in a folder of weights, or in a model repository."""
    folder = weights / step.name
    versions = [path for path in folder.glob("[0-9]*") if path.name.isdigit()]
    newest = max(versions, key=lambda path: int(path.name), default=None)
    return weights / step.weights_name(name) if newest is None else newest / name


def _step_files(step: Step, weights: Path, base: Base, notes: list[str]) -> dict[str, Source]:
    """A step's files but its spec."""
    newest = max(step.versions(), default=0)
    old: dict[str, Source] = {
        path.name: path for path in step.files(newest if base.version is None else base.version) if path.name != SPEC
    }
    if step.name in base.code:
        old.setdefault(model_file(step.config), base.code[step.name])
    files = dict(old) if step.is_python else _network_files(step, weights, old, notes)
    missing = sorted(step.needed() - {SPEC} - set(files))
    if missing:
        where = "" if step.is_python else f"{_place(weights, step, missing[0])} does not exist, and "
        raise InstallRefused(f"{where}the step {step.name} of the repository has no {missing[0]}; add it and try again")
    return files


def _network_files(step: Step, weights: Path, old: Mapping[str, Source], notes: list[str]) -> dict[str, Source]:
    """All from the weights or all from before: a plan belongs to the network that it was built from."""
    wanted = step.wanted() - {SPEC}
    kept = {name: path for name, path in old.items() if name in wanted}
    places = {name: _place(weights, step, name) for name in wanted}
    given = {name: path for name, path in places.items() if path.is_file()}
    if all(name in kept and Record.of(kept[name]) == Record.of(path) for name, path in given.items()):
        return dict(kept)
    notes += [
        f"{step.name}/{name} was made from the network that is replaced and is left out; "
        f"put a new one into {weights} as {step.weights_name(name)} to serve a variant that needs it"
        for name in sorted(kept.keys() - given.keys() - step.needed())
        if not name.endswith(".json")
    ]
    return cast(dict[str, Source], dict(given))


def _spec(weights: Path, steps: Sequence[Step], base: Base, system: str) -> Spec:
    given = [path for path in (weights / SPEC, _place(weights, steps[0], SPEC)) if path.is_file()]
    if given:
        spec = read_spec(given[0])
    elif base.version is None:
        spec = system_named(system).spec()
    else:
        spec = read_spec(steps[0].version(base.version) / SPEC)
    check_system(weights, spec, system)
    spec = dataclasses.replace(spec, parts=of_system(spec).parts)
    return spec if base.shared is None else _sharing(spec, base.shared)


def _sharing(spec: Spec, shared: Spec) -> Spec:
    """The spec of a system whose photos the default one's steps decode, detect and crop."""
    for name in ("photo", "crop"):
        if getattr(spec, name) != getattr(shared, name):
            raise InstallRefused(
                f"the weights were trained with {getattr(spec, name)}, and the shared steps of the repository make "
                f"{getattr(shared, name)}; train the system with the same numbers"
            )
    return dataclasses.replace(spec, detector=shared.detector, detector_fingerprint=shared.detector_fingerprint)


def _fingerprinted(spec: Spec, steps: Sequence[Step], files: Mapping[str, Mapping[str, Source]]) -> Spec:
    served = {step.name: files[step.name][model_file(step.config)] for step in steps}
    networks = [step.name for step in system_named(spec.system).steps if step.network]
    fingerprint = _fingerprint(served, networks, spec.vector_numbers())
    if spec.system != DEFAULT:
        return dataclasses.replace(spec, fingerprint=fingerprint)
    detection = _fingerprint(served, [DETECTOR], "")
    return dataclasses.replace(spec, fingerprint=fingerprint, detector_fingerprint=detection)


def _fingerprint(served: Mapping[str, Source], names: Sequence[str], numbers: str) -> str:
    """Names the networks and numbers that determine a result."""
    if any(name not in served for name in names):
        return NO_FINGERPRINT
    digest = hashlib.sha256(numbers.encode())
    for name in names:
        for chunk in content(served[name]):
            digest.update(chunk)
    return digest.hexdigest()[:_FINGERPRINT_DIGITS]
