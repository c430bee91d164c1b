"""The systems beside the default one in a model repository, as far as serving needs to know them.

The default system is served whatever is wrong with another one: only its own steps are looked at before the start, and
the others' ensembles are loaded once it answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seamline.systems import DEFAULT, Ensembles

MANIFEST = "manifest.json"
"""The file in a model repository that lists its sets of weights; where there is none, versions are numbered at will."""

JOURNAL = ".installing"
"""The file in a model repository that says that an installation of weights is under way, or was interrupted."""


def step_owners(repository: Path) -> dict[str, str]:
    """Step -> the system beside the default one that it serves, by the manifest and by an installation that was
    interrupted; none where they cannot be read."""
    manifest, journal = _read(repository / MANIFEST), _read(repository / JOURNAL)
    owners = dict(_named(journal)) if journal.get("system", DEFAULT) != DEFAULT else {}
    return owners | dict(_owned(manifest))


def interrupted(repository: Path) -> str | None:
    """The system of which an installation is under way, or was interrupted; None where there is none."""
    if not (repository / JOURNAL).is_file():
        return None
    return str(_read(repository / JOURNAL).get("system", DEFAULT))


def ensembles_beside(repository: Path) -> set[str]:
    """Names of the ensembles that serve systems beside the default one."""
    systems = [Ensembles.beside(system) for system in set(step_owners(repository).values())]
    return {name for one in systems for name in (one.embed, one.search)}


def _owned(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        for name, installed in manifest.get("systems", {}).items():
            if name != DEFAULT:
                for version in installed["versions"].values():
                    yield from ((str(file).partition("/")[0], str(name)) for file in version["files"])
    except (KeyError, TypeError, AttributeError):
        return


def _named(journal: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    steps = journal.get("steps", ())
    yield from ((str(step), str(journal["system"])) for step in (steps if isinstance(steps, list) else ()))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
