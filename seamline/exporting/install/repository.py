"""A model repository on disk: its steps, their configurations and version folders.

A version number is a set of weights: every step has the same numbers, and `N/` of all steps together is one set.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seamline.exporting.errors import InstallRefused
from seamline.local.beside import step_owners
from seamline.local.errors import ConfigMismatch
from seamline.local.options import DEFAULT_VARIANT
from seamline.local.repository import model_folders, read_config
from seamline.systems import DEFAULT, SYSTEMS, system_named

SPEC = "spec.json"
_FILES = {"python": "model.py", "onnxruntime": "model.onnx", "tensorrt": "model.plan"}
"""Backend -> the file that Triton loads where a configuration names none."""


@dataclasses.dataclass(frozen=True)
class Step:
    """A step's folder and configurations: variant -> `ModelConfig` message, the default variant first."""

    folder: Path
    configs: Mapping[str, Any]
    network: str = ""
    """The exported network that it runs; the step's own name where it is not given."""

    @property
    def name(self) -> str:
        """The step's name, which is its folder's."""
        return self.folder.name

    @property
    def config(self) -> Any:
        """What config.pbtxt says."""
        return self.configs[DEFAULT_VARIANT]

    @property
    def is_python(self) -> bool:
        """Whether the step is a model.py rather than a network."""
        return backend(self.config) == "python"

    def weights_name(self, name: str) -> str:
        """What a file is called in a folder of weights: `model.plan` of the encoder is `encoder.plan`."""
        return (self.network or self.name) + name.removeprefix("model")

    def needed(self) -> set[str]:
        """The files without which config.pbtxt cannot be served, spec.json among them."""
        return {model_file(self.config), SPEC}

    def wanted(self) -> set[str]:
        """Every file that one of the configurations may load, and the description that lies beside a plan."""
        names = {name for config in self.configs.values() for name in config.cc_model_filenames.values()}
        names |= {model_file(config) for config in self.configs.values()}
        return names | {f"{name}.json" for name in names if name.endswith(".plan")} | {SPEC}

    def version(self, number: int) -> Path:
        """The folder of a version."""
        return self.folder / str(number)

    def files(self, number: int) -> Iterator[Path]:
        """The files of a version that belong to it, by name: not hidden ones, nor what Python compiles."""
        folder = self.version(number)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                yield path

    def versions(self) -> list[int]:
        """The numbers of its version folders, ascending."""
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(int(path.name) for path in folders if path.is_dir() and path.name.isdigit())


def read_steps(repository: Path, system: str = DEFAULT) -> list[Step]:
    """A system's steps in the repository by name; the shared ones are the default system's.

    Raises InstallRefused when the repository has no steps at all, or a configuration is unreadable.
    """
    folders = model_folders(repository)
    if not folders:
        raise InstallRefused(f"{repository} is not a model repository: no step in it has a config.pbtxt")
    owner = {**_described_owners(), **step_owners(repository)}
    networks = {step.name: step.network for step in system_named(system).steps}
    own = [folder for folder in folders if owner.get(folder.name, DEFAULT) == system]
    try:
        return [Step(folder, _configs(folder), networks.get(folder.name, "")) for folder in own]
    except ConfigMismatch as error:
        raise InstallRefused(str(error)) from None


def own_steps(system: str) -> tuple[str, ...]:
    """Names of the steps that serve a system beside the default one."""
    return (*(step.name for step in system_named(system).steps), f"trim_{system}", f"retrieve_{system}")


def _described_owners() -> dict[str, str]:
    """Step -> system, of those beside the default one."""
    return {name: system for system in SYSTEMS if system != DEFAULT for name in own_steps(system)}


def newest_whole(steps: list[Step]) -> int | None:
    """The newest version of which every step has the files that it needs."""
    common = set.intersection(*(set(step.versions()) for step in steps)) if steps else set()
    for number in sorted(common, reverse=True):
        if all((step.version(number) / name).is_file() for step in steps for name in step.needed()):
            return number
    return None


def backend(config: Any) -> str:
    """The backend that serves a configuration, also where it gives the older `platform`."""
    return str(config.backend or config.platform.partition("_")[0])


def model_file(config: Any) -> str:
    """The file that a configuration loads."""
    return str(config.default_model_filename or _FILES.get(backend(config), "model.onnx"))


def _configs(folder: Path) -> dict[str, Any]:
    names = [DEFAULT_VARIANT, *sorted(path.stem for path in folder.glob("configs/*.pbtxt"))]
    configs = {name: read_config(folder, name) for name in dict.fromkeys(names)}
    for name, config in configs.items():
        if config.name != folder.name or not backend(config):
            raise InstallRefused(
                f"the configuration {name} of {folder} gives the name {config.name!r} and the backend "
                f"{backend(config)!r}; restore it with git"
            )
    return configs
