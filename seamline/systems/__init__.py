"""The systems by name, each in a folder of its own; one is imported when it is wanted."""

from __future__ import annotations

import dataclasses
import importlib
from typing import TYPE_CHECKING

from seamline.core.errors import BadOption

if TYPE_CHECKING:
    from seamline.systems.base import System

SYSTEMS: dict[str, str] = {
    "psnet_lite": "seamline.systems.psnet_lite",
    "psnet": "seamline.systems.psnet",
}
"""Name -> the package whose module `system` holds its description as SYSTEM; the first one is the default."""

DEFAULT = next(iter(SYSTEMS))


def check_system(name: str) -> str:
    """The name. Raises BadOption when it is not listed."""
    if name not in SYSTEMS:
        raise BadOption(f"there is no system {name!r}; the systems are {', '.join(SYSTEMS)}")
    return name


def system_named(name: str) -> System:
    """The description of a system. Raises BadOption for a name that is not listed."""
    found: System = importlib.import_module(f"{SYSTEMS[check_system(name)]}.system").SYSTEM
    return found


@dataclasses.dataclass(frozen=True)
class Ensembles:
    """Names of the two ensembles that serve a system."""

    embed: str
    search: str

    @classmethod
    def beside(cls, system: str) -> Ensembles:
        """Of a system beside the default one, listed here or not."""
        return cls(f"embed_{system}", f"search_{system}")


def ensembles_of(system: str | None = None) -> Ensembles:
    """The ensembles of a system; those of the default one bear no name. Raises BadOption for an unknown system."""
    if system is None or check_system(system) == DEFAULT:
        return Ensembles("embed", "search")
    return Ensembles.beside(system)
