"""Whether the steps in Python are of this version of seamline: each model.py imports the class that it serves."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path


def outdated_step(steps: Sequence[Path]) -> str | None:
    """A sentence about the first of these step folders whose newest model.py imports what is not here any more."""
    for folder in steps:
        versions = [path for path in folder.glob("[0-9]*") if path.name.isdigit()]
        file = max(versions, key=lambda path: int(path.name), default=folder) / "model.py"
        for module in _missing(file):
            repository = folder.parent
            return (
                f"{file} is of an older seamline: it imports {module}, which is gone; take the model_repository and "
                f"ensembles of this version, and put the weights into them with `python export/install.py --weights "
                f"{repository} --model-repository model_repository`"
            )
    return None


def _missing(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for module in imported:
        if module is not None and module.split(".")[0] == "seamline" and not _is_here(module):
            yield module


def _is_here(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False
