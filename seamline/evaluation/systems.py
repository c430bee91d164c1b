"""Which networks take part in an evaluation: systems that are served, and folders that export wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.serving.weights import DEFAULT_SYSTEM, Weights


def systems_of(names: Sequence[str], folders: Sequence[str], repository: Path) -> dict[str, Weights]:
    """Weights by the name of their rows. `folders`: `NAME=FOLDER`, or `FOLDER` in place of what the default system
    serves; the detector of the repository finds the garments where a folder has none. Raises BadOption."""
    given = dict(_named(text) for text in folders)
    wanted = dict.fromkeys([*names, *given]) or {DEFAULT_SYSTEM: None}
    return {
        name: Weights.of_folder(given[name], repository) if name in given else _served(name, repository)
        for name in wanted
    }


def _served(name: str, repository: Path) -> Weights:
    if name != DEFAULT_SYSTEM:
        raise BadOption(f"{repository} serves no system {name!r}; name its folder: --weights {name}=FOLDER")
    return Weights.of_repository(repository)


def _named(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if not equals:
        return DEFAULT_SYSTEM, Path(text)
    if not name or not folder or "/" in name:
        raise BadOption(f"--weights {text!r} is not FOLDER or NAME=FOLDER")
    return name, Path(folder)
