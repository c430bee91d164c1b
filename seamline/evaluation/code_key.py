"""What names the code that made something: the text of a module and of all that it imports of its own package."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def code_key(*modules: str, but: str = "") -> str:
    """A short name for the text of these modules, and of those of their packages that they import, however far; `but`:
    a module whose text does not count."""
    files: dict[str, bytes] = {but: b""}
    for module in modules:
        _gather(module, module.rpartition(".")[0], files)
    digest = hashlib.sha256()
    for _, text in sorted(files.items()):
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()


def _gather(module: str, package: str, files: dict[str, bytes]) -> None:
    if module in files:
        return
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return
    files[module] = Path(found.origin).read_bytes()
    for other in _imported(files[module]):
        if other.startswith(f"{package}."):
            _gather(other, package, files)


def _imported(text: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
