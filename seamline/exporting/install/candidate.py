"""What the next version would hold: from a folder of weights, or from an older version."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from seamline.core.errors import InternalError
from seamline.core.spec import Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.files import Source, content
from seamline.exporting.install.manifest import Record
from seamline.exporting.install.repository import SPEC, Step, model_file
from seamline.systems.psnet.region_rules import DEFAULT_SPEC

_FINGERPRINT_DIGITS = 16
_VECTORS, _DETECTION = ("encoder", "region_head"), ("detector",)


@dataclasses.dataclass(frozen=True)
class Candidate:
    """Step -> file name -> where its content comes from; `notes` are sentences for the person who installs."""

    spec: Spec
    files: Mapping[str, Mapping[str, Source]]
    notes: tuple[str, ...] = ()

    @classmethod
    def of_weights(cls, weights: Path, steps: Sequence[Step], base: int | None) -> Candidate:
        """What `weights` holds, completed by version `base` of the repository.

        The weights of a step's file `model.X` are named `<step>.X`. Raises InstallRefused when the folder holds
        nothing, a file is in neither place, or spec.json is not a spec.
        """
        if not any((weights / name).is_file() for name in (SPEC, *_names(steps))):
            raise InstallRefused(
                f"{weights} holds neither a network nor a {SPEC}; name a folder that export/to_onnx.py wrote"
            )
        notes: list[str] = []
        files = {step.name: _step_files(step, weights, base, notes) for step in steps}
        spec = _fingerprinted(_spec(weights, steps, base), steps, files)
        for step in steps:
            files[step.name][SPEC] = spec.to_json().encode()
        return cls(spec, files, tuple(notes))

    @classmethod
    def of_version(cls, steps: Sequence[Step], number: int) -> Candidate:
        """The very files of a version. Raises InstallRefused when its spec.json is not a spec."""
        files: dict[str, dict[str, Source]] = {
            step.name: {path.name: path for path in step.files(number)} for step in steps
        }
        return cls(_read_spec(steps[0].version(number) / SPEC), files)

    def records(self, number: int) -> dict[str, Record]:
        """Path below the repository -> record, as version `number`."""
        return {
            f"{step}/{number}/{name}": Record.of(source)
            for step, sources in sorted(self.files.items())
            for name, source in sorted(sources.items())
        }


def weights_name(step: Step, name: str) -> str:
    """What a step's file is called in a folder of weights: `model.plan` of the encoder is `encoder.plan`."""
    return step.name + name.removeprefix("model")


def _names(steps: Sequence[Step]) -> list[str]:
    networks = [step for step in steps if not step.is_python]
    return [weights_name(step, name) for step in networks for name in step.wanted() - {SPEC}]


def _step_files(step: Step, weights: Path, base: int | None, notes: list[str]) -> dict[str, Source]:
    """A step's files but its spec."""
    newest = max(step.versions(), default=0)
    old = {path.name: path for path in step.files(newest if base is None else base) if path.name != SPEC}
    files: dict[str, Source] = dict(old) if step.is_python else _network_files(step, weights, old, notes)
    missing = sorted(step.needed() - {SPEC} - set(files))
    if missing:
        where = "" if step.is_python else f"{weights / weights_name(step, missing[0])} does not exist, and "
        raise InstallRefused(f"{where}the step {step.name} of the repository has no {missing[0]}; add it and try again")
    return files


def _network_files(step: Step, weights: Path, old: Mapping[str, Path], notes: list[str]) -> dict[str, Source]:
    """All from the weights or all from before: a plan belongs to the network that it was built from."""
    wanted = step.wanted() - {SPEC}
    kept = {name: path for name, path in old.items() if name in wanted}
    places = {name: weights / weights_name(step, name) for name in wanted}
    given = {name: path for name, path in places.items() if path.is_file()}
    if all(name in kept and Record.of(kept[name]) == Record.of(path) for name, path in given.items()):
        return dict(kept)
    notes += [
        f"{step.name}/{name} was made from the network that is replaced and is left out; "
        f"put a new one into {weights} as {weights_name(step, name)} to serve a variant that needs it"
        for name in sorted(kept.keys() - given.keys() - step.needed())
        if not name.endswith(".json")
    ]
    return dict(given)


def _spec(weights: Path, steps: Sequence[Step], base: int | None) -> Spec:
    if (weights / SPEC).is_file():
        return _read_spec(weights / SPEC)
    return DEFAULT_SPEC if base is None else _read_spec(steps[0].version(base) / SPEC)


def _read_spec(path: Path) -> Spec:
    try:
        return Spec.from_json(path.read_bytes().decode())
    except (InternalError, UnicodeDecodeError) as error:
        raise InstallRefused(f"{path} cannot be used: {error}; take the one that training wrote") from None


def _fingerprinted(spec: Spec, steps: Sequence[Step], files: Mapping[str, Mapping[str, Source]]) -> Spec:
    served = {step.name: files[step.name][model_file(step.config)] for step in steps}
    return dataclasses.replace(
        spec,
        fingerprint=_fingerprint(served, _VECTORS, spec.vector_numbers()),
        detector_fingerprint=_fingerprint(served, _DETECTION, ""),
    )


def _fingerprint(served: Mapping[str, Source], names: Sequence[str], numbers: str) -> str:
    """Names the networks and numbers that determine a result."""
    if any(name not in served for name in names):
        return DEFAULT_SPEC.fingerprint
    digest = hashlib.sha256(numbers.encode())
    for name in names:
        for chunk in content(served[name]):
            digest.update(chunk)
    return digest.hexdigest()[:_FINGERPRINT_DIGITS]
