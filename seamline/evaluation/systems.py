"""Which networks take part in an evaluation: systems that are served, and folders that export wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seamline.core.errors import BadOption
from seamline.serving.weights import Weights
from seamline.systems import DEFAULT, system_named


def systems_of(names: Sequence[str], folders: Sequence[str], repository: Path) -> dict[str, Weights]:
    """Weights by the name of their rows: systems that a model repository serves, and `NAME=FOLDER`, or `FOLDER` under
    its system's name; the default system where nothing is named. The detector of the repository finds the garments
    where a folder has none. Raises BadOption."""
    given = [_folder(text, repository) for text in folders]
    wanted = names or ([] if given else [DEFAULT])
    return {**{name: _served(name, repository) for name in wanted}, **dict(given)}


def _served(name: str, repository: Path) -> Weights:
    system_named(name)
    try:
        return Weights.of_repository(repository, name)
    except BadOption as error:
        raise BadOption(f"{name} is not served: {error}; or name its folder, --weights {name}=FOLDER") from error


def _folder(text: str, repository: Path) -> tuple[str, Weights]:
    name, equals, folder = text.rpartition("=")
    if not folder or bool(name) != bool(equals) or "/" in name:
        raise BadOption(f"--weights {text!r} is not FOLDER or NAME=FOLDER")
    weights = Weights.of_folder(Path(folder), repository)
    return name or weights.spec.system, weights
