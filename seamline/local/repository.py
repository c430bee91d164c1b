"""Reading model repositories the way Triton does: config.pbtxt through the real protobuf."""

from __future__ import annotations

import compileall
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seamline.local.beside import MANIFEST, interrupted, step_owners
from seamline.local.errors import ConfigMismatch, MissingWeights, MixedVersions, OutdatedSteps
from seamline.local.options import DEFAULT_VARIANT
from seamline.local.step_code import outdated_step
from seamline.systems import DEFAULT

_NETWORK_FILES = {"onnxruntime": "model.onnx"}


def model_folders(repository: Path) -> list[Path]:
    """The folders of `repository` that hold a model, by name."""
    return sorted(path.parent for path in repository.glob("*/config.pbtxt"))


def config_file(folder: Path, variant: str = DEFAULT_VARIANT) -> Path:
    """The configuration by which Triton serves a model folder when it is started with this variant's name."""
    own = folder / "configs" / f"{variant}.pbtxt"
    return own if own.is_file() else folder / "config.pbtxt"


def variants(repositories: Iterable[Path]) -> list[str]:
    """The names of all variants in the repositories, the default one included."""
    found = {path.stem for repository in repositories for path in repository.glob("*/configs/*.pbtxt")}
    return sorted({DEFAULT_VARIANT, *found})


def read_config(folder: Path, variant: str = DEFAULT_VARIANT) -> Any:
    """The `ModelConfig` message of a model folder; raises ConfigMismatch when it cannot be read."""
    # Imported here: Triton's stubs import this package too, and should not wait for gRPC.
    from google.protobuf import text_format  # type: ignore[import-untyped, unused-ignore]
    from tritonclient.grpc import model_config_pb2

    file = config_file(folder, variant)
    try:
        return text_format.Parse(file.read_text(encoding="utf-8"), model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ConfigMismatch(f"{file} cannot be read: {error}") from None


def check_weights(repository: Path, variant: str = DEFAULT_VARIANT) -> None:
    """Raises MissingWeights when a version folder of an ONNX model of the default system has no file with the
    network."""
    for folder in default_folders(repository):
        config = read_config(folder, variant)
        name = config.default_model_filename or _NETWORK_FILES.get(config.backend)
        if name is None or config.backend not in _NETWORK_FILES:
            continue
        versions = [path for path in folder.iterdir() if path.is_dir() and path.name.isdigit()]
        missing = [path / name for path in versions or [folder / "1"] if not _has_content(path / name)]
        if missing:
            raise MissingWeights(
                f"the weights {missing[0]} are missing; restore the file with git, "
                "or make it with `make weights PHOTOS=folder`"
            )


def compile_steps(repository: Path) -> None:
    """Compile the Python files of the steps as their first import would do, where that can be written.

    Triton takes a compiled file that appears after it has looked at a folder for a changed model.
    """
    for path in repository.glob("*/*/*.py"):
        compileall.compile_file(path, quiet=2)


def default_folders(repository: Path) -> list[Path]:
    """The step folders of the default system, the shared ones among them, by name."""
    beside = step_owners(repository)
    return [folder for folder in model_folders(repository) if folder.name not in beside]


def check_steps(repository: Path) -> None:
    """Raises OutdatedSteps when the default system's steps were made for an older seamline."""
    problem = outdated_step(default_folders(repository))
    if problem:
        raise OutdatedSteps(problem)


def check_versions(repository: Path) -> None:
    """Raises MixedVersions when the newest versions of the default system's steps differ in a repository with a
    manifest, so that a request would meet two sets of weights, and when an installation of it was interrupted."""
    newest = {folder.name: max(_versions(folder), default=1) for folder in default_folders(repository)}
    low, high = min(newest, key=newest.__getitem__), max(newest, key=newest.__getitem__)
    advice = f"run `python export/install.py --repair --model-repository {repository}`"
    if interrupted(repository) == DEFAULT:
        raise MixedVersions(f"weights are being installed into {repository}, or that was interrupted; {advice}")
    if (repository / MANIFEST).is_file() and newest[low] != newest[high]:
        raise MixedVersions(
            f"the steps of {repository} hold different sets of weights (the newest version of {high} is "
            f"{newest[high]}, that of {low} is {newest[low]}); {advice}, or remove what is newer than the others"
        )


def _versions(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.is_dir() and path.name.isdigit()]


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
