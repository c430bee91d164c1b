"""Reading model repositories the way Triton does: config.pbtxt through the real protobuf."""

from __future__ import annotations

import compileall
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seamline.local.errors import ConfigMismatch, MissingWeights, MixedVersions
from seamline.local.options import DEFAULT_VARIANT
from seamline.systems import DEFAULT

MANIFEST = "manifest.json"
"""The file in a model repository that lists its sets of weights; where there is none, versions are numbered at will."""

JOURNAL = ".installing"
"""The file in a model repository that says that an installation of weights is under way, or was interrupted."""

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
    """Raises MissingWeights when a version folder of an ONNX model has no file with the network."""
    for folder in model_folders(repository):
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


def step_owners(repository: Path) -> dict[str, str]:
    """Step -> the system beside the default one that it serves, by the manifest; none where that cannot be read."""
    try:
        systems = json.loads((repository / MANIFEST).read_text(encoding="utf-8")).get("systems", {})
        return {
            file.partition("/")[0]: name
            for name, installed in systems.items()
            if name != DEFAULT
            for version in installed["versions"].values()
            for file in version["files"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def check_versions(repository: Path) -> None:
    """Raises MixedVersions when the newest versions of a system's steps differ in a repository with a manifest, so
    that a request would meet two sets of weights, and when an installation was interrupted."""
    advice = f"run `python export/install.py --repair --model-repository {repository}`"
    if (repository / JOURNAL).is_file():
        raise MixedVersions(f"weights are being installed into {repository}, or that was interrupted; {advice}")
    if not (repository / MANIFEST).is_file():
        return
    owner = step_owners(repository)
    newest: dict[str, dict[str, int]] = {}
    for folder in model_folders(repository):
        versions = newest.setdefault(owner.get(folder.name, DEFAULT), {})
        versions[folder.name] = max(_versions(folder), default=1)
    for versions in newest.values():
        low, high = min(versions, key=versions.__getitem__), max(versions, key=versions.__getitem__)
        if versions[low] != versions[high]:
            raise MixedVersions(
                f"the steps of {repository} hold different sets of weights (the newest version of {high} is "
                f"{versions[high]}, that of {low} is {versions[low]}); {advice}, or remove what is newer than the "
                "others"
            )


def _versions(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.is_dir() and path.name.isdigit()]


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0
